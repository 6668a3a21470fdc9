import { describe, expect, it } from 'vitest'
import type { Claim, Listing, MergedFactRead } from '@/api/generated'
import { claimRanges, engineOf, factsOf, labelOf, valueOf } from './claims'

function claim(changes: Partial<Claim>): Claim {
  return {
    id: 'c',
    field: 'title',
    start: 0,
    end: 1,
    text: '',
    verdict: 'supported',
    reason_code: '',
    reason: '',
    ...changes,
  }
}

function listing(changes: Partial<Listing>): Listing {
  const grounding = { supported: 0, unsupported: 0, style: 0, coverage: 1 }
  return {
    language: 'en',
    title: '',
    description: '',
    grounding,
    engine: 'composer',
    prompt_version: '1',
    elapsed_ms: 0,
    ...changes,
  }
}

function fact(id: string): MergedFactRead {
  return { id, name: id, label: id, value: '1', unit: null, confidence: 1, sources: [] }
}

describe('claimRanges', () => {
  const claims = [
    claim({ id: 'title' }),
    claim({ id: 'first', field: 'bullets', index: 0 }),
    claim({ id: 'second', field: 'bullets', index: 1 }),
  ]

  it('takes the claims of a field', () => {
    expect(claimRanges(listing({ claims }), 'title').map(({ value }) => value.id)).toEqual(['title'])
  })

  it('takes those of one item of a list', () => {
    expect(claimRanges(listing({ claims }), 'bullets', 1).map(({ value }) => value.id)).toEqual(['second'])
  })

  it('finds none where the listing has none', () => {
    expect(claimRanges(listing({}), 'title')).toEqual([])
  })
})

describe('factsOf', () => {
  it('keeps the order of the claim and counts what is gone', () => {
    const found = factsOf(claim({ fact_ids: ['b', 'gone', 'a'] }), [fact('a'), fact('b')])
    expect(found.facts.map(({ id }) => id)).toEqual(['b', 'a'])
    expect(found.missing).toBe(1)
  })
})

describe('engineOf', () => {
  it('names who wrote the field, else who wrote the listing', () => {
    const written = listing({ engine: 'embedded', field_engines: { seo_title: 'composer' } })
    expect(engineOf(written, 'seo_title')).toBe('composer')
    expect(engineOf(written, 'title')).toBe('embedded')
  })
})

describe('valueOf', () => {
  it('writes the unit behind the value', () => {
    expect(valueOf({ value: '1.7', unit: 'l' })).toBe('1.7 l')
    expect(valueOf({ value: 'steel', unit: null })).toBe('steel')
  })
})

describe('labelOf', () => {
  it('reads like a heading', () => {
    expect(labelOf({ label: 'country_of_origin' })).toBe('Country of origin')
    expect(labelOf({ label: 'Capacity' })).toBe('Capacity')
    expect(labelOf({ label: 'gtin' })).toBe('GTIN')
  })
})
