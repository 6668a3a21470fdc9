import { describe, expect, it } from 'vitest'
import { isValidGtin } from './gtin'

describe('isValidGtin', () => {
  it.each(['96385074', '036000291452', '4006381333931', '2000000000015', '10614141000415'])('accepts %s', (value) => {
    expect(isValidGtin(value)).toBe(true)
  })

  it.each(['', '4006381333932', '400638133393', '40063813339310000', '4006381333931 ', 'abcdefgh'])(
    'refuses %j',
    (value) => {
      expect(isValidGtin(value)).toBe(false)
    },
  )
})
