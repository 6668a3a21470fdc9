import { describe, expect, it } from 'vitest'
import { dayAfter, dayOf, startOfDay } from './days'

describe('days', () => {
  it.each([
    ['2026-03-01', '2026-03-01'],
    ['2026-13-01', ''],
    ['yesterday', ''],
    ['', ''],
  ])('dayOf %j is %j', (value, day) => {
    expect(dayOf(value)).toBe(day)
  })

  it('begin and end at midnight of the reader', () => {
    for (const day of ['2026-03-01', '2026-03-29', '2026-10-25', '2026-12-31']) {
      expect(new Date(startOfDay(day)).getHours()).toBe(0)
      expect(new Date(dayAfter(day)).getHours()).toBe(0)
      expect(Date.parse(dayAfter(day))).toBeGreaterThan(Date.parse(startOfDay(day)))
    }
  })
})
