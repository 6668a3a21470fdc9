import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import { missingStack, SESSION_FILE } from './e2e/stack'

const reason = missingStack()
if (reason !== null) {
  // Where the tests belong to a build, a skip would look like a pass.
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`e2e skipped: ${reason}\n`)
}

const chromium = process.env.CHROMIUM_PATH ?? '/usr/lib/chromium/chromium-headless-shell'

export default defineConfig({
  testDir: 'e2e',
  // One stack with one database: the tests take turns.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    baseURL: process.env.E2E_BASE_URL,
    locale: 'en-GB',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: ['--no-sandbox'],
    },
  },
  projects:
    reason === null
      ? [
          { name: 'sign-in', testMatch: 'sign-in.setup.ts' },
          { name: 'app', testMatch: '*.spec.ts', dependencies: ['sign-in'], use: { storageState: SESSION_FILE } },
        ]
      : [{ name: 'app', testMatch: '*.spec.ts' }],
})
