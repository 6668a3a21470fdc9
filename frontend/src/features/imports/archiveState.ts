import type { PhotoArchiveRead } from '@/api/generated'
import type { FileOutcome } from './queries'

export type ArchiveStatus = PhotoArchiveRead['status']

export const ARCHIVE_APPEARANCE = {
  matching: { color: 'info', icon: 'i-lucide-loader-circle' },
  matched: { color: 'warning', icon: 'i-lucide-list-checks' },
  adding: { color: 'info', icon: 'i-lucide-loader-circle' },
  finished: { color: 'success', icon: 'i-lucide-circle-check' },
  failed: { color: 'error', icon: 'i-lucide-circle-x' },
  undone: { color: 'neutral', icon: 'i-lucide-undo-2' },
} as const satisfies Record<ArchiveStatus, { color: string; icon: string }>

export const FILE_OUTCOMES = [
  'pending',
  'added',
  'already_there',
  'unmatched',
  'ignored',
  'failed',
  'removed',
] as const satisfies readonly FileOutcome[]

export const OUTCOME_APPEARANCE: Record<FileOutcome, { icon: string; tone: string }> = {
  pending: { icon: 'i-lucide-clock', tone: 'text-muted' },
  added: { icon: 'i-lucide-circle-check', tone: 'text-success' },
  already_there: { icon: 'i-lucide-equal', tone: 'text-muted' },
  unmatched: { icon: 'i-lucide-circle-help', tone: 'text-warning' },
  ignored: { icon: 'i-lucide-minus', tone: 'text-muted' },
  failed: { icon: 'i-lucide-circle-x', tone: 'text-error' },
  removed: { icon: 'i-lucide-undo-2', tone: 'text-muted' },
}

/** Whether the server is still at work on it; while undoing, some of what was added is still there. */
export function isBusy({ status, counts }: PhotoArchiveRead): boolean {
  return status === 'matching' || status === 'adding' || (status === 'undone' && (counts.added ?? 0) > 0)
}

/** How far the adding is, from 0 to 1. */
export function shareAdded({ counts }: PhotoArchiveRead): number {
  const matched = counts.matched ?? 0
  return matched === 0 ? 0 : 1 - (counts.pending ?? 0) / matched
}
