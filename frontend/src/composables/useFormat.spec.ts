import { describe, expect, it } from 'vitest'
import { formatDuration } from './useFormat'

describe('formatDuration', () => {
  it.each([
    [420, 'en', '0.4 s'],
    [420, 'es', '0,4 s'],
    [12_300, 'en', '12 s'],
    [185_000, 'en', '3 min 05 s'],
    [-5, 'en', '0.0 s'],
  ])('writes %d ms in %s as %s', (milliseconds, locale, text) => {
    expect(formatDuration(milliseconds, locale)).toBe(text)
  })
})
