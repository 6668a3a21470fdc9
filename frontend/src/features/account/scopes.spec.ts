import { describe, expect, it } from 'vitest'
import { expiryOf, SCOPES_OF } from './scopes'

const NOW = Date.parse('2026-03-01T12:00:00Z')

describe('expiryOf', () => {
  it('counts days from now', () => {
    expect(expiryOf('30', '', NOW)).toBe('2026-03-31T12:00:00.000Z')
  })

  it('lets the chosen day pass in full', () => {
    const end = new Date(expiryOf('date', '2026-04-02', NOW) ?? '')
    expect([end.getFullYear(), end.getMonth(), end.getDate(), end.getHours()]).toEqual([2026, 3, 2, 23])
  })

  it('can be never', () => {
    expect(expiryOf('never', '', NOW)).toBeNull()
  })
})

describe('SCOPES_OF', () => {
  it('gives more to whoever may do more', () => {
    expect(SCOPES_OF.editor).toEqual(expect.arrayContaining([...SCOPES_OF.viewer]))
    expect(SCOPES_OF.admin).toEqual(expect.arrayContaining([...SCOPES_OF.editor]))
  })
})
