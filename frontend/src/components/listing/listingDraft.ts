import type { Claim, ImageRead, Limits, LimitsDocument, Listing, ListingDraft } from '@/api/generated'
import type { TextRange } from '../evidence/textRanges'

/** One item of a list that is being edited; `id` stays when it moves. */
export interface DraftRow {
  id: number
  text: string
}

/** The texts of a listing while somebody types. */
export interface DraftState {
  title: string
  description: string
  seo_title: string
  seo_description: string
  bullets: DraftRow[]
  keywords: string[]
  alt_texts: { sha256: string; text: string }[]
}

export const SINGLE_TEXTS = ['title', 'description', 'seo_title', 'seo_description'] as const
export type SingleText = (typeof SINGLE_TEXTS)[number]

/** What a text said when it was checked, and what the check found in it. */
export interface CheckedText {
  text: string
  claims: TextRange<Claim>[]
}

let lastRow = 0

export function newRow(text = ''): DraftRow {
  lastRow += 1
  return { id: lastRow, text }
}

/** `images` are the product's: one that has no alternative text yet gets an empty one to fill in. */
export function draftOf(listing: Listing, images: readonly ImageRead[] = []): DraftState {
  const alternatives = { ...Object.fromEntries(images.map(({ sha256 }) => [sha256, ''])), ...listing.alt_texts }
  return {
    title: listing.title,
    description: listing.description,
    seo_title: listing.seo_title ?? '',
    seo_description: listing.seo_description ?? '',
    bullets: (listing.bullets ?? []).map((text) => newRow(text)),
    keywords: [...(listing.keywords ?? [])],
    alt_texts: Object.entries(alternatives)
      .map(([sha256, text]) => ({ sha256, text }))
      .sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1)),
  }
}

const bulletsOf = (draft: DraftState) => draft.bullets.filter(({ text }) => text.trim() !== '')

/** An empty text that the listing did not have says nothing; one that it had is one that was emptied. */
function alternativesOf(draft: DraftState, base: Listing): [string, string][] {
  return draft.alt_texts
    .filter(({ sha256, text }) => text.trim() !== '' || sha256 in (base.alt_texts ?? {}))
    .map(({ sha256, text }) => [sha256, text.trim()])
}

/** Only what differs from the listing, as the API takes it; null when nothing does. */
export function changesOf(draft: DraftState, base: Listing): Omit<ListingDraft, 'ui_language'> | null {
  const after: Omit<ListingDraft, 'ui_language'> = {
    title: draft.title.trim(),
    description: draft.description.trim(),
    seo_title: draft.seo_title.trim(),
    seo_description: draft.seo_description.trim(),
    bullets: bulletsOf(draft).map(({ text }) => text.trim()),
    keywords: draft.keywords,
    alt_texts: Object.fromEntries(alternativesOf(draft, base)),
  }
  const before: Record<string, unknown> = {
    title: base.title.trim(),
    description: base.description.trim(),
    seo_title: (base.seo_title ?? '').trim(),
    seo_description: (base.seo_description ?? '').trim(),
    bullets: (base.bullets ?? []).map((text) => text.trim()),
    keywords: base.keywords ?? [],
    alt_texts: Object.fromEntries(
      Object.entries(base.alt_texts ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
  }
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  )
  return changed.length === 0 ? null : Object.fromEntries(changed)
}

export const bulletKey = (id: number) => `bullet:${id}`
export const keywordKey = (text: string) => `keyword:${text}`
export const alternativeKey = (sha256: string) => `alt:${sha256}`

/** The texts of a draft with the places that claims call them by. */
function places(draft: DraftState, base: Listing) {
  return [
    ...SINGLE_TEXTS.map((field) => ({ key: field as string, field, index: null, text: draft[field] })),
    ...bulletsOf(draft).map(({ id, text }, index) => ({ key: bulletKey(id), field: 'bullets', index, text })),
    ...draft.keywords.map((text, index) => ({ key: keywordKey(text), field: 'keywords', index, text })),
    ...alternativesOf(draft, base).map(([sha256, text], index) => ({
      key: alternativeKey(sha256),
      field: 'alt_texts',
      index,
      text,
    })),
  ]
}

/**
 * The outcome of a check at the texts that it was made of.
 *
 * @param asSent the texts were sent as `changesOf` does, without blanks at their ends; of a stored listing they are not
 */
export function checkedTexts(
  draft: DraftState,
  base: Listing,
  claims: readonly Claim[],
  asSent: boolean,
): Map<string, CheckedText> {
  return new Map(
    places(draft, base).map(({ key, field, index, text }) => {
      // Offsets count from where the text began when it was sent.
      const shift = asSent ? Array.from(text).length - Array.from(text.trimStart()).length : 0
      const found = claims
        .filter((claim) => claim.field === field && (claim.index ?? null) === index)
        .map((claim) => ({ start: claim.start + shift, end: claim.end + shift, value: claim }))
      return [key, { text, claims: found }]
    }),
  )
}

/** Claims of a text that was changed since: those before and behind the change stay, what it touches waits. */
export function carriedClaims(checked: CheckedText | undefined, now: string): TextRange<Claim>[] {
  if (!checked) return []
  if (checked.text === now) return checked.claims
  const before = Array.from(checked.text)
  const after = Array.from(now)
  const most = Math.min(before.length, after.length)
  let head = 0
  while (head < most && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  const moved = after.length - before.length
  return checked.claims.flatMap((range) => {
    if (range.end <= head) return [range]
    if (range.start >= before.length - tail) return [{ ...range, start: range.start + moved, end: range.end + moved }]
    return []
  })
}

/** Characters as people count them, not UTF-16 units. */
export function lengthOf(text: string): number {
  return Array.from(text.trim()).length
}

const USUAL_LIMITS: Required<Limits> = {
  title: 150,
  description: 5000,
  bullets: 6,
  bullet: 250,
  seo_title: 60,
  seo_description: 155,
  keywords: 12,
  alt_text: 125,
}

/** How long the shop wants its texts in a language; `es-MX` follows `es` where it has no wishes of its own. */
export function limitsFor(document: LimitsDocument | null | undefined, language: string): Required<Limits> {
  const parts = language.split('-')
  const tags = parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
  const own = tags.map((tag) => document?.languages?.[tag]).find(Boolean) ?? {}
  const given = (limits: object) => Object.fromEntries(Object.entries(limits).filter(([, value]) => value != null))
  return { ...USUAL_LIMITS, ...given(document?.limits ?? {}), ...given(own) }
}
