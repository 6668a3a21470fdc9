import { describe, expect, it } from 'vitest'
import type { ProductListItem } from '@/api/generated'
import { allStale, mapRows, pageAt, rowsOf, withPage, type ListPage } from './productPages'

const items = (...ids: string[]) => ids.map((id) => ({ id, name: id }) as ProductListItem)
const page = (cursor: string | null, next: string | null, ...ids: string[]): ListPage => ({
  cursor,
  next,
  items: items(...ids),
  stale: false,
})
const pages = [page(null, 'b', 'a1', 'a2'), page('b', 'c', 'b1', 'b2'), page('c', null, 'c1')]
const ids = (list: readonly ListPage[]) => rowsOf(list).map(({ id }) => id)

describe('withPage', () => {
  it('appends what was not there', () => {
    expect(ids(withPage(pages.slice(0, 1), 'b', { items: items('b1'), next_cursor: null }))).toEqual(['a1', 'a2', 'b1'])
  })

  it('replaces a page, and leaves its neighbours alone', () => {
    const changed = withPage(allStale(pages), 'b', { items: items('b1', 'b3'), next_cursor: 'c' })
    expect(ids(changed)).toEqual(['a1', 'a2', 'b1', 'b3', 'c1'])
    expect(changed.map(({ stale }) => stale)).toEqual([true, false, true])
  })

  it('moves the next page to where this one ends now', () => {
    const changed = withPage(pages, null, { items: items('new', 'a1'), next_cursor: 'a1' })
    expect(changed[1]).toMatchObject({ cursor: 'a1', stale: true })
  })

  it('drops what follows the last page', () => {
    expect(ids(withPage(pages, 'b', { items: items('b1') }))).toEqual(['a1', 'a2', 'b1'])
  })
})

describe('rowsOf', () => {
  it('shows nothing twice', () => {
    expect(ids([page(null, 'b', 'x', 'y'), page('b', null, 'y', 'z')])).toEqual(['x', 'y', 'z'])
  })
})

describe('pageAt', () => {
  it.each([
    [0, null],
    [2, 'b'],
    [4, 'c'],
  ])('finds the page of row %d', (row, cursor) => {
    expect(pageAt(pages, row)?.cursor).toBe(cursor)
  })

  it('finds none beyond the end', () => {
    expect(pageAt(pages, 5)).toBeNull()
  })
})

describe('mapRows', () => {
  it('changes rows, and takes out those that are gone', () => {
    const changed = mapRows(pages, (item) => (item.id === 'a1' ? null : { ...item, name: 'x' }))
    expect(ids(changed)).toEqual(['a2', 'b1', 'b2', 'c1'])
    expect(rowsOf(changed)[0]?.name).toBe('x')
  })
})
