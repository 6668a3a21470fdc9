import { describe, expect, it } from 'vitest'
import { windowOf } from './rowWindow'

describe('windowOf', () => {
  it.each([
    ['at the top', -200, { start: 0, end: 21 }],
    ['in the middle', 5_000, { start: 95, end: 125 }],
    ['at the end', 99_500, { start: 1_985, end: 2_000 }],
    ['beyond the end', 200_000, { start: 2_000, end: 2_000 }],
  ])('draws only what is seen, and a little around it: %s', (_, top, expected) => {
    expect(windowOf(top, 1_000, 50, 2_000, 5)).toEqual(expected)
  })

  it('draws nothing of nothing', () => {
    expect(windowOf(0, 1_000, 50, 0, 5)).toEqual({ start: 0, end: 0 })
  })
})
