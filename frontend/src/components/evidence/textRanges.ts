/** A stretch of a text. Offsets count characters (code points) as the services do, not UTF-16 units. */
export interface TextRange<T> {
  start: number
  end: number
  value: T
}

export interface TextSegment<T> {
  text: string
  /** What covers this stretch; the first in the order given comes first. Empty for plain text. */
  values: T[]
}

/** Cut a text where ranges begin and end. What lies outside the text, or is empty, is left out. */
export function segmentText<T>(text: string, ranges: readonly TextRange<T>[]): TextSegment<T>[] {
  const characters = Array.from(text)
  const inside = ranges
    .map(({ start, end, value }) => ({ start: Math.max(0, start), end: Math.min(characters.length, end), value }))
    .filter(({ start, end }) => start < end)
  if (characters.length === 0) return []
  const cuts = [...new Set([0, characters.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  )
  return cuts.slice(0, -1).map((start, index) => ({
    text: characters.slice(start, cuts[index + 1]).join(''),
    values: inside.filter((range) => range.start <= start && start < range.end).map(({ value }) => value),
  }))
}

export interface Excerpt {
  before: string
  quote: string
  after: string
}

/** A quote with some characters of its surroundings, cut at words. */
export function excerptOf(text: string, start: number, end: number, context = 120): Excerpt {
  const characters = Array.from(text)
  const from = Math.max(0, Math.min(start, characters.length))
  const to = Math.max(from, Math.min(end, characters.length))
  const left = characters.slice(Math.max(0, from - context), from).join('')
  const right = characters.slice(to, to + context).join('')
  return {
    before: from > context ? `…${left.replace(/^\S*\s/, '')}` : left,
    quote: characters.slice(from, to).join(''),
    after: to + context < characters.length ? `${right.replace(/\s\S*$/, '')}…` : right,
  }
}

/** Where a quote stands in a text when no locator says so; null when it is not there word for word. */
export function findQuote(text: string, quote: string): { start: number; end: number } | null {
  const index = text.indexOf(quote)
  if (index < 0 || quote === '') return null
  const start = Array.from(text.slice(0, index)).length
  return { start, end: start + Array.from(quote).length }
}
