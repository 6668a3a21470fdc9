import { describe, expect, it } from 'vitest'
import { fileNameOf } from './saveFile'

describe('fileNameOf', () => {
  it.each([
    ['attachment; filename="shopify-en-2026-11-24-0930.csv"', 'shopify-en-2026-11-24-0930.csv'],
    ['attachment; filename=plain.zip', 'plain.zip'],
    ['attachment', 'export'],
    [null, 'export'],
  ])('reads %j as %s', (header, name) => {
    expect(fileNameOf(header, 'export')).toBe(name)
  })
})
