import type { Claim, Listing, MergedFactRead } from '@/api/generated'
import type { TextRange } from './textRanges'

export type ClaimField = Claim['field']

/** The claims of one text: a field, or one item of a field that is a list. */
export function claimRanges(listing: Listing, field: ClaimField, index: number | null = null): TextRange<Claim>[] {
  return (listing.claims ?? [])
    .filter((claim) => claim.field === field && (claim.index ?? null) === index)
    .map((claim) => ({ start: claim.start, end: claim.end, value: claim }))
}

/** The facts that a claim rests on, in its order; `missing` counts those that are no longer told. */
export function factsOf(claim: Claim, facts: readonly MergedFactRead[]): { facts: MergedFactRead[]; missing: number } {
  const byId = new Map(facts.map((fact) => [fact.id, fact]))
  const ids = claim.fact_ids ?? []
  const found = ids.flatMap((id) => byId.get(id) ?? [])
  return { facts: found, missing: ids.length - found.length }
}

/** Which engine wrote a field. */
export function engineOf(listing: Listing, field: ClaimField): string {
  return listing.field_engines?.[field] ?? listing.engine
}

/** Value and unit as people write them. */
export function valueOf(fact: { value: string; unit?: string | null }): string {
  return fact.unit ? `${fact.value} ${fact.unit}` : fact.value
}

const ABBREVIATIONS = new Set(['EAN', 'GTIN', 'MPN', 'SKU'])

/** How a fact is called, as a heading: `country_of_origin` → `Country of origin`. */
export function labelOf(fact: { label: string }): string {
  const words = fact.label.replaceAll('_', ' ').trim()
  if (ABBREVIATIONS.has(words.toUpperCase())) return words.toUpperCase()
  return words.charAt(0).toLocaleUpperCase() + words.slice(1)
}
