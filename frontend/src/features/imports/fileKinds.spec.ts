import { describe, expect, it } from 'vitest'
import { kindOf } from './fileKinds'

describe('kindOf', () => {
  it.each([
    ['catalogue.csv', 'table'],
    ['Catálogo 2026.XLSX', 'table'],
    ['no ending', 'table'],
    ['photos.ZIP', 'photos'],
  ])('takes %s for %s', (name, kind) => {
    expect(kindOf(name)).toBe(kind)
  })
})
