import type { BulkApproved, BulkChanges, BulkOutcome, ProductListItem } from '@/api/generated'
import type { ProductFilters } from '@/api/queries'
import { narrows } from './productFilters'

/** One request names no more products than this. */
export const MAX_IDS = 1000
/** So many products' texts are approved in one go when the server can't be told a filter. */
export const MAX_APPROVED_BY_ID = 10_000

export interface BulkResult {
  changed: number
  unchanged: number
  skipped: Map<string, number>
  /** What takes it back, the last edit first. */
  undo: string[]
}

/** The outcomes of several requests as one. */
export function resultOf(outcomes: readonly BulkOutcome[]): BulkResult {
  const result: BulkResult = { changed: 0, unchanged: 0, skipped: new Map(), undo: [] }
  for (const { changed, unchanged, skipped, undo } of outcomes) {
    result.changed += changed
    result.unchanged += unchanged
    for (const { reason, count } of skipped) result.skipped.set(reason, (result.skipped.get(reason) ?? 0) + count)
    if (undo) result.undo.unshift(undo)
  }
  return result
}

export interface ApprovalResult {
  approved: number
  notApproved: number
  reasons: Map<string, number>
  bulkIds: string[]
  /** There are others that one request did not get to. */
  more: boolean
}

export function approvalOf(answers: readonly BulkApproved[]): ApprovalResult {
  const result: ApprovalResult = { approved: 0, notApproved: 0, reasons: new Map(), bulkIds: [], more: false }
  for (const answer of answers) {
    result.more ||= answer.more
    result.approved += answer.approved
    result.notApproved += answer.not_approved
    for (const [reason, count] of Object.entries(answer.reasons)) {
      result.reasons.set(reason, (result.reasons.get(reason) ?? 0) + count)
    }
    if (answer.bulk_id) result.bulkIds.unshift(answer.bulk_id)
  }
  return result
}

/** The row as it will be, to be shown before the server has answered. */
export function withChanges(product: ProductListItem, changes: BulkChanges, assignee: string | null): ProductListItem {
  const tags = [...new Set([...product.tags, ...(changes.add_tags ?? [])])].filter(
    (tag) => !changes.remove_tags?.includes(tag),
  )
  const id = changes.assignee_id
  return {
    ...product,
    tags,
    category: changes.category === undefined ? product.category : changes.category || null,
    assignee: id === undefined ? product.assignee : id === null ? null : { id, name: assignee ?? '' },
  }
}

/** Approving takes no filter but one status; null where this list has another one. */
export function approvableFilter(filters: ProductFilters): { status: ProductFilters['status'][number] | null } | null {
  const [status, ...others] = filters.status
  if (filters.deleted || others.length || narrows({ ...filters, status: [] })) return null
  return { status: status ?? null }
}
