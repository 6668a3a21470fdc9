import { describe, expect, it } from 'vitest'
import type { ImportRead } from '@/api/generated'
import { isUnderWay, shareOf, targetsFor } from './importState'

const read = (values: Partial<ImportRead>) => values as ImportRead

describe('shareOf', () => {
  it('knows nothing before the first row', () => {
    expect(shareOf(read({ status: 'queued', rows_read: 0, rows_estimated: 10 }))).toBeNull()
    expect(shareOf(read({ status: 'running', rows_read: 0, rows_estimated: 10 }))).toBeNull()
  })

  it('never says more than all', () => {
    expect(shareOf(read({ status: 'running', rows_read: 5, rows_estimated: 20 }))).toBe(0.25)
    expect(shareOf(read({ status: 'running', rows_read: 25, rows_estimated: 20 }))).toBe(1)
  })
})

describe('isUnderWay', () => {
  it.each([
    ['queued', true],
    ['running', true],
    ['partial', false],
    [undefined, false],
  ] as const)('of %s is %s', (status, underWay) => {
    expect(isUnderWay(status)).toBe(underWay)
  })
})

describe('targetsFor', () => {
  it('offers an attribute of the column’s own name, and nothing twice', () => {
    expect(targetsFor('Colour', ['sku', 'name', 'extra', 'ignore'], 'attribute:Colour')).toEqual([
      'sku',
      'name',
      'attribute:Colour',
      'extra',
      'ignore',
    ])
  })

  it('keeps what it is mapped to', () => {
    expect(targetsFor('Farbe', ['sku'], 'attribute:Colour')).toContain('attribute:Colour')
  })
})
