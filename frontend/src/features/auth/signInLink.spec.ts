import { describe, expect, it } from 'vitest'
import { emailOf, safeTarget, tokenOf } from './signInLink'

describe('tokenOf', () => {
  it('reads the token of a link', () => {
    expect(tokenOf('#token=abc-123_X')).toBe('abc-123_X')
  })

  it.each(['', '#', '#token=', '#other=1'])('finds none in %j', (hash) => {
    expect(tokenOf(hash)).toBeNull()
  })
})

describe('emailOf', () => {
  it.each([
    ['#token=abc&email=ana%40example.com', 'ana@example.com'],
    ['#token=abc&email=ana%2Bshop%40example.com', 'ana+shop@example.com'],
    ['#token=abc&email=ana+shop@example.com', 'ana+shop@example.com'],
    ['#token=abc', null],
    ['#token=abc&email=', null],
  ])('of %j is %j', (hash, email) => {
    expect(emailOf(hash)).toBe(email)
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
