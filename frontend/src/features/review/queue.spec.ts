import { describe, expect, it } from 'vitest'
import type { ReviewItem } from '@/api/generated'
import { nextWaiting, placeOf, withPage, type QueueEntry } from './queue'

const item = (id: string) => ({ listing: { id } }) as unknown as ReviewItem
const entries = (...ids: string[]): QueueEntry[] => ids.map((id) => ({ item: item(id), page: null }))

describe('placeOf', () => {
  const queue = entries('9', '7', '5')

  it.each([
    [null, 0],
    ['7', 1],
    ['8', 1],
    ['99', 0],
    ['1', 2],
  ])('goes on from %s at %d', (wanted, place) => {
    expect(placeOf(queue, wanted)).toBe(place)
  })

  it('finds the start of an empty queue', () => {
    expect(placeOf([], '7')).toBe(0)
  })
})

describe('nextWaiting', () => {
  it('passes over what was judged', () => {
    const [first, second, third] = entries('9', '7', '5')
    const queue = [first!, { ...second!, verdict: 'approve' as const }, third!]
    expect(nextWaiting(queue, 1)).toBe(2)
    expect(nextWaiting(queue, 3)).toBe(3)
  })
})

describe('withPage', () => {
  it('adds what is new', () => {
    const all = withPage(entries('9', '7'), [item('7'), item('5')], 'next')
    expect(all.map(({ item: { listing }, page }) => [listing.id, page])).toEqual([
      ['9', null],
      ['7', null],
      ['5', 'next'],
    ])
  })
})
