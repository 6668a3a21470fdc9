import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { icons } from '@iconify-json/lucide'
import { describe, expect, it } from 'vitest'

describe('icons', () => {
  it('exist in the set that is bundled', () => {
    const folder = join(import.meta.dirname, '..')
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.spec.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n')
    const named = [...new Set([...source.matchAll(/i-lucide-([a-z0-9-]+)/g)].map((match) => match[1] ?? ''))]
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !(name in icons.icons) && !(name in (icons.aliases ?? {})))).toEqual([])
  })
})
