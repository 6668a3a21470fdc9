import { describe, expect, it } from 'vitest'
import type { BulkOutcome, ProductListItem } from '@/api/generated'
import { approvableFilter, approvalOf, resultOf, withChanges } from './bulk'
import { emptyFilters } from './productFilters'

const outcome: BulkOutcome = { matched: 3, changed: 2, unchanged: 0, skipped: [], undo: 'one' }
const product = { tags: ['a', 'b'], category: 'Kitchen', assignee: { id: '1', name: 'Ada' } } as ProductListItem

describe('resultOf', () => {
  it('adds up, and takes the last edit back first', () => {
    const skipped = [{ reason: 'not_found' as const, count: 1, ids: [] }]
    const result = resultOf([outcome, { ...outcome, undo: 'two', skipped }, { ...outcome, undo: null, skipped }])
    expect(result).toMatchObject({ changed: 6, undo: ['two', 'one'] })
    expect(result.skipped.get('not_found')).toBe(2)
  })
})

describe('approvalOf', () => {
  it('adds up the reasons', () => {
    const answer = { dry_run: false, approved: 1, not_approved: 2, reasons: { proposal: 2 }, blocked: [], more: false }
    const result = approvalOf([
      { ...answer, bulk_id: 'x' },
      { ...answer, bulk_id: null },
    ])
    expect(result).toMatchObject({ approved: 2, notApproved: 4, bulkIds: ['x'] })
    expect(result.reasons.get('proposal')).toBe(4)
  })
})

describe('withChanges', () => {
  it('changes only what is named', () => {
    expect(withChanges(product, { add_tags: ['b', 'c'], remove_tags: ['a'] }, null)).toEqual({
      ...product,
      tags: ['b', 'c'],
    })
  })

  it('empties what is null', () => {
    expect(withChanges(product, { category: null, assignee_id: null }, null)).toMatchObject({
      category: null,
      assignee: null,
    })
  })
})

describe('approvableFilter', () => {
  it('is there for one status or none', () => {
    expect(approvableFilter(emptyFilters())).toEqual({ status: null })
    expect(approvableFilter({ ...emptyFilters(), status: ['draft'] })).toEqual({ status: 'draft' })
  })

  it('is not there for anything else', () => {
    expect(approvableFilter({ ...emptyFilters(), status: ['draft', 'approved'] })).toBeNull()
    expect(approvableFilter({ ...emptyFilters(), search: 'mug' })).toBeNull()
  })
})
