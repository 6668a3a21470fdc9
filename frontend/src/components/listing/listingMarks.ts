import type { ComputedRef, InjectionKey } from 'vue'
import type { Claim, Overruling, SupplierWarning } from '@/api/generated'
import { hostAndPath } from '../evidence/links'
import type { TextRange } from '../evidence/textRanges'

/** What a stretch of a text is marked for. */
export type Mark = { claim: Claim } | { warning: SupplierWarning }

/** What is known of a text beyond its claims. */
export interface ListingMarks {
  /** Claims that somebody keeps although no fact supports them, by the id of the claim. */
  overruled: ComputedRef<ReadonlyMap<string, Overruling>>
  warnings: ComputedRef<readonly SupplierWarning[]>
}

export const LISTING_MARKS: InjectionKey<ListingMarks> = Symbol('listing marks')

export function warningRanges(
  warnings: readonly SupplierWarning[],
  field: Claim['field'],
  index: number | null,
): TextRange<Mark>[] {
  return warnings
    .filter((warning) => warning.field === field && (warning.index ?? null) === index)
    .map((warning) => ({ start: warning.start, end: warning.end, value: { warning } }))
}

export function supplierOf(warning: SupplierWarning): string {
  return hostAndPath(warning.source_ref)
}
