import type { FacetValue } from '@/api/generated'

const SEPARATOR = ' > '
/** The server names no more values than this; above it, sums would be too small. */
export const MOST_FACETS = 100

export interface CategoryNode {
  /** The whole path. */
  value: string
  label: string
  depth: number
  /** With all that is below it; null where that is not known. */
  count: number | null
}

/** Paths with their counts as a tree, in the order of its lines: each category before what is below it. */
export function categoryTree(facets: readonly FacetValue[]): CategoryNode[] {
  const counts = new Map<string, number>()
  for (const { value, count } of facets) {
    const parts = value.split(SEPARATOR)
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth).join(SEPARATOR)
      counts.set(path, (counts.get(path) ?? 0) + count)
    }
  }
  const whole = facets.length < MOST_FACETS
  const leaves = new Set(facets.map(({ value }) => value))
  return [...counts]
    .map(([value, count]) => {
      const parts = value.split(SEPARATOR)
      return { value, parts, count: whole || leaves.has(value) ? count : null }
    })
    .sort((one, other) => comparePaths(one.parts, other.parts))
    .map(({ value, parts, count }) => ({ value, label: parts.at(-1) ?? value, depth: parts.length - 1, count }))
}

function comparePaths(one: readonly string[], other: readonly string[]): number {
  for (const [index, part] of one.entries()) {
    const compared = part.localeCompare(other[index] ?? '')
    if (compared !== 0) return compared
  }
  return one.length - other.length
}
