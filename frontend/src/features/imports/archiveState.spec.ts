import { describe, expect, it } from 'vitest'
import type { PhotoArchiveRead } from '@/api/generated'
import { isBusy, shareAdded } from './archiveState'

const archive = (status: PhotoArchiveRead['status'], counts: PhotoArchiveRead['counts']) =>
  ({ status, counts }) as PhotoArchiveRead

describe('isBusy', () => {
  it.each([
    ['matching', {}, true],
    ['matched', { pending: 3 }, false],
    ['adding', { pending: 3 }, true],
    ['undone', { added: 2, removed: 1 }, true],
    ['undone', { added: 0, removed: 3 }, false],
    ['finished', { added: 3 }, false],
  ] as const)('of %s with %o is %s', (status, counts, busy) => {
    expect(isBusy(archive(status, counts))).toBe(busy)
  })
})

describe('shareAdded', () => {
  it('counts what has been done of what has a product', () => {
    expect(shareAdded(archive('adding', { matched: 4, pending: 1 }))).toBe(0.75)
    expect(shareAdded(archive('adding', {}))).toBe(0)
  })
})
