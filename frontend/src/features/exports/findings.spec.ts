import { describe, expect, it } from 'vitest'
import type { Preflight, ProductProblems } from '@/api/generated'
import { checkedOf, findingsOf, listFilterOf } from './findings'

const count = (code: string, products: number, severity: 'error' | 'warning' = 'error') => ({
  code,
  products,
  severity,
  message: code,
})
const item = (sku: string, ...codes: string[]): ProductProblems => ({
  product_id: sku,
  sku,
  name: sku,
  problems: codes.map((code) => ({ code, severity: 'error', message: code })),
})
const part = (values: Partial<Preflight>): Preflight => ({
  product_count: 20,
  checked: 10,
  complete: false,
  general: [],
  summary: [],
  items: [],
  next_cursor: null,
  ...values,
})

describe('findingsOf', () => {
  it('puts what the shop refuses first, then what concerns most', () => {
    const summary = [count('rare', 1), count('common', 9, 'warning'), count('frequent', 5)]
    expect(findingsOf([part({ summary })]).map(({ code }) => code)).toEqual(['frequent', 'rare', 'common'])
  })

  it('counts nothing twice when more products are named', () => {
    const summary = [count('x', 3)]
    const parts = [
      part({ summary, items: [item('a', 'x'), item('b', 'x')] }),
      part({ summary, items: [item('c', 'x')] }),
    ]
    const [finding] = findingsOf(parts)
    expect(finding).toMatchObject({ products: 3 })
    expect(finding?.items.map(({ sku }) => sku)).toEqual(['a', 'b', 'c'])
    expect(checkedOf(parts)).toBe(10)
  })

  it('adds up what the next products have', () => {
    const parts = [part({ summary: [count('x', 3)] }), part({ summary: [count('x', 2), count('y', 1)] })]
    expect(findingsOf(parts).map(({ code, products }) => [code, products])).toEqual([
      ['x', 5],
      ['y', 1],
    ])
    expect(checkedOf(parts)).toBe(20)
  })

  it('knows that all were named, when the next ones have the same problems', () => {
    const summary = [count('x', 10)]
    const items = Array.from({ length: 10 }, (_, index) => item(String(index), 'x'))
    expect(findingsOf([part({ summary, items }), part({ summary })])[0]?.products).toBe(20)
  })
})

describe('listFilterOf', () => {
  it('leads to the products where the list can show them', () => {
    expect(listFilterOf('gtin-missing')).toEqual({ missing: 'gtin' })
    expect(listFilterOf('title-too-long')).toBeNull()
  })
})
