import { expect, test } from '@playwright/test'
import { SESSION_FILE } from './stack'

test('a one-time link signs in, and leaves no token behind', async ({ page }) => {
  await page.goto(process.env.E2E_SIGN_IN_PATH ?? '')
  await expect(page).toHaveURL(/\/products$/)
  await expect(page.getByRole('heading', { name: 'Products', level: 1 })).toBeVisible()
  await page.goBack().catch(() => null)
  expect(page.url()).not.toContain('token')
  await page.context().storageState({ path: SESSION_FILE })
})
