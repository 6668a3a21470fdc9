import { describe, expect, it } from 'vitest'
import type { Claim, ImageRead, Listing } from '@/api/generated'
import { carriedClaims, changesOf, checkedTexts, draftOf, lengthOf, limitsFor, newRow } from './listingDraft'

const listing: Listing = {
  language: 'en',
  title: 'Kettle',
  description: 'Holds 1.7 l. Made of steel.',
  bullets: ['One', 'Two'],
  keywords: ['kettle'],
  alt_texts: { bb: 'Front', aa: '' },
  grounding: { supported: 0, unsupported: 0, style: 0, coverage: 1 },
  engine: 'composer',
  prompt_version: '1',
  elapsed_ms: 0,
}

function claim(changes: Partial<Claim>): Claim {
  const place = { field: 'title' as const, start: 0, end: 6 }
  return { id: 'c', text: '', verdict: 'supported', reason_code: '', reason: '', ...place, ...changes }
}

describe('changesOf', () => {
  it('finds nothing where nothing was typed', () => {
    expect(changesOf(draftOf(listing, [{ sha256: 'cc' } as ImageRead]), listing)).toBeNull()
  })

  it('sends only what differs, without blanks', () => {
    const draft = draftOf(listing)
    draft.title = ' Pot '
    draft.bullets = [newRow('  '), draft.bullets[1]!, draft.bullets[0]!]
    expect(changesOf(draft, listing)).toEqual({ title: 'Pot', bullets: ['Two', 'One'] })
  })

  it('keeps an alternative text that was emptied, and leaves out one that was never there', () => {
    const draft = draftOf(listing, [{ sha256: 'cc' } as ImageRead])
    draft.alt_texts.find(({ sha256 }) => sha256 === 'bb')!.text = ''
    expect(changesOf(draft, listing)).toEqual({ alt_texts: { aa: '', bb: '' } })
  })
})

describe('checkedTexts', () => {
  it('finds the item of a list behind blank ones', () => {
    const draft = draftOf(listing)
    draft.bullets.unshift(newRow(''))
    const checked = checkedTexts(draft, listing, [claim({ field: 'bullets', index: 1, end: 3 })], true)
    expect(checked.get(`bullet:${draft.bullets[2]!.id}`)?.claims).toHaveLength(1)
    expect(checked.get(`bullet:${draft.bullets[1]!.id}`)?.claims).toEqual([])
  })

  it('counts alternative texts in the order of their photos', () => {
    const checked = checkedTexts(draftOf(listing), listing, [claim({ field: 'alt_texts', index: 1 })], false)
    expect(checked.get('alt:bb')?.claims).toHaveLength(1)
  })

  it('moves claims by the blanks that were not sent', () => {
    const draft = { ...draftOf(listing), title: '  Kettle' }
    expect(checkedTexts(draft, listing, [claim({})], true).get('title')?.claims[0]).toMatchObject({ start: 2, end: 8 })
  })
})

describe('carriedClaims', () => {
  const text = '☕ Holds 1.7 l. Made of steel.'
  const checked = {
    text,
    claims: [
      { start: 2, end: 14, value: claim({ id: 'first' }) },
      { start: 15, end: 29, value: claim({ id: 'second' }) },
    ],
  }
  const carried = (now: string) => carriedClaims(checked, now).map(({ start, end, value }) => [value.id, start, end])

  it('stay where nothing changed', () => {
    expect(carried(text)).toEqual([
      ['first', 2, 14],
      ['second', 15, 29],
    ])
  })

  it('move with what is typed before them, and wait where it is typed into them', () => {
    expect(carried(text.replace('1.7', '21.75'))).toEqual([['second', 17, 31]])
    expect(carried(`☕ So: ${text.slice(2)}`)).toEqual([
      ['first', 6, 18],
      ['second', 19, 33],
    ])
    expect(carried(text.replace('steel', 'tin'))).toEqual([['first', 2, 14]])
  })

  it('are none of a text that was never checked', () => {
    expect(carriedClaims(undefined, 'New')).toEqual([])
  })
})

describe('lengthOf', () => {
  it('counts characters', () => {
    expect(lengthOf(' 🫖é ')).toBe(2)
  })
})

describe('limitsFor', () => {
  const document = { limits: { title: 100 }, languages: { es: { title: 120, bullet: null } } }

  it('takes the nearest language, else the shop, else what is usual', () => {
    expect(limitsFor(document, 'es-MX').title).toBe(120)
    expect(limitsFor(document, 'en').title).toBe(100)
    expect(limitsFor(null, 'en')).toMatchObject({ title: 150, bullet: 250 })
    expect(limitsFor(document, 'es').bullet).toBe(250)
  })
})
