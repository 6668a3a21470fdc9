import { describe, expect, it } from 'vitest'
import { formatMoney } from './money'

describe('formatMoney', () => {
  it.each([
    ['12.90', 'EUR', 'en', '€12.90'],
    ['12.90', 'EUR', 'es', '12,90\u00a0€'],
    ['5', '?', 'en', '5 ?'],
  ])('writes %s %s in %s', (amount, currency, locale, text) => {
    expect(formatMoney({ amount, currency }, locale)).toBe(text)
  })
})
