import type { ReviewItem } from '@/api/generated'

export type Verdict = 'approve' | 'reject'

/** A text in the queue. One that was judged stays, so that the way back to it is short. */
export interface QueueEntry {
  item: ReviewItem
  /** The cursor that its page was asked with: the URL holds it, so that a reload finds the place. */
  page: string | null
  verdict?: Verdict
}

/**
 * Where to go on: at the text that was looked at, or, when it was judged meanwhile, at the one that followed it.
 * Ids grow with time, and the queue has the newest first.
 */
export function placeOf(entries: readonly QueueEntry[], wanted: string | null): number {
  if (wanted === null) return 0
  const place = entries.findIndex(({ item }) => item.listing.id <= wanted)
  return place < 0 ? Math.max(0, entries.length - 1) : place
}

/** The next text that waits, beginning at `from`; where none does, the end. */
export function nextWaiting(entries: readonly QueueEntry[], from: number): number {
  const found = entries.findIndex(({ verdict }, index) => index >= from && verdict === undefined)
  return found < 0 ? entries.length : found
}

/** New pages behind what is there; a text that came again keeps its verdict. */
export function withPage(
  entries: readonly QueueEntry[],
  items: readonly ReviewItem[],
  page: string | null,
): QueueEntry[] {
  const known = new Set(entries.map(({ item }) => item.listing.id))
  return [...entries, ...items.filter(({ listing }) => !known.has(listing.id)).map((item) => ({ item, page }))]
}
