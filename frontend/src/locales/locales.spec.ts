import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from './en.json'
import es from './es.json'

type Tree = { [key: string]: string | Tree }

function flatten(tree: Tree, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value]] : Object.entries(flatten(value, `${prefix}${key}.`)),
    ),
  )
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.spec.ts') && !name.includes('generated'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

const texts = { en: flatten(en), es: flatten(es) }
const source = sourceFiles(join(import.meta.dirname, '..')).join('\n')
/** Every quoted thing that could be a key: `t('a.b')` as well as a table of keys. */
const literals = new Set(
  [...source.matchAll(/['"`]([a-z][A-Za-z]*(?:\.[A-Za-z0-9_-]+)+)['"`]/g)].map((match) => match[1]),
)
/** `t(`runStatus.${status}`)` uses all keys below `runStatus.`, `…${kind}Action` those that end so. */
const patterns = [...source.matchAll(/`([a-z][A-Za-z.]*\.)\$\{[^`]*?\}+([A-Za-z.]*)`/g)].map(
  ([, start = '', end = '']) =>
    (key: string) =>
      key.startsWith(start) && key.endsWith(end),
)

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

describe('locales', () => {
  it('have the same keys', () => {
    expect(Object.keys(texts.es).sort()).toEqual(Object.keys(texts.en).sort())
  })

  it('say something under every key', () => {
    for (const messages of Object.values(texts)) {
      expect(Object.entries(messages).filter(([, text]) => text.trim() === '')).toEqual([])
    }
  })

  it('have the same placeholders and plural forms', () => {
    const forms = (text: string | undefined) => ({
      holes: placeholders(text ?? ''),
      plurals: text?.split(' | ').length,
    })
    for (const [key, text] of Object.entries(texts.en)) expect([key, forms(texts.es[key])]).toEqual([key, forms(text)])
  })

  it('have every key that the source names', () => {
    const named = [...source.matchAll(/\bt\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((key) => !(key in texts.en))).toEqual([])
  })

  it('have no key that nobody uses', () => {
    const used = (key: string) => literals.has(key) || patterns.some((fits) => fits(key))
    expect(Object.keys(texts.en).filter((key) => !used(key))).toEqual([])
  })
})
