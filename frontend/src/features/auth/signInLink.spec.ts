import { describe, expect, it } from 'vitest'
import { safeTarget, tokenOf } from './signInLink'

describe('tokenOf', () => {
  it('reads the token of a link', () => {
    expect(tokenOf('#token=abc-123_X')).toBe('abc-123_X')
  })

  it.each(['', '#', '#token=', '#other=1'])('finds none in %j', (hash) => {
    expect(tokenOf(hash)).toBeNull()
  })
})

describe('safeTarget', () => {
  it('keeps a path of this app with its query', () => {
    expect(safeTarget('/products/1?section=facts')).toBe('/products/1?section=facts')
  })

  it.each([
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    ['/a'],
    undefined,
  ])('refuses %j', (next) => {
    expect(safeTarget(next)).toBe('/products')
  })
})
