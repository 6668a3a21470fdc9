import { describe, expect, it } from 'vitest'
import { choiceCount, emptyFilters, filtersOf, narrows, queryOf } from './productFilters'

describe('filtersOf', () => {
  it('reads one value and several alike', () => {
    expect(filtersOf({ status: 'draft', brand: ['Nordwind', 'Ovara'] })).toMatchObject({
      status: ['draft'],
      brand: ['Nordwind', 'Ovara'],
    })
  })

  it('leaves out what makes no sense', () => {
    const query = {
      status: ['sold', null],
      missing: ['gtin', 'soul'],
      assignee: "' or 1",
      sort: 'luck',
      conflicts: '?',
    }
    expect(filtersOf(query)).toEqual({ ...emptyFilters(), missing: ['gtin'] })
  })

  it('names no value twice', () => {
    expect(filtersOf({ tag: ['sale', 'sale'] }).tag).toEqual(['sale'])
  })
})

describe('queryOf', () => {
  it('is the way back', () => {
    const query = {
      q: 'mug',
      status: ['draft', 'approved'],
      category: ['Kitchen > Mugs'],
      brand: ['Ovara'],
      tag: ['sale'],
      missing: ['attribute:Colour'],
      conflicts: 'no',
      assignee: 'me',
      bin: 'yes',
      sort: '-price',
    }
    expect(queryOf(filtersOf(query))).toEqual(query)
  })

  it('is empty for the whole catalogue', () => {
    expect(Object.values(queryOf(emptyFilters())).filter((value) => value !== undefined)).toEqual([])
  })
})

describe('narrows', () => {
  it('does not count bin and order', () => {
    expect(narrows({ ...emptyFilters(), deleted: true, sort: 'name' })).toBe(false)
    expect(narrows({ ...emptyFilters(), search: 'mug' })).toBe(true)
  })

  it('counts each choice', () => {
    expect(choiceCount({ ...emptyFilters(), brand: ['a', 'b'], conflicts: false, assignee: 'none' })).toBe(4)
  })
})
