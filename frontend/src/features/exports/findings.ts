import type { Preflight, ProblemCount, ProductProblems } from '@/api/generated'

export interface Finding extends ProblemCount {
  /** Those that are named so far. */
  items: ProductProblems[]
}

/**
 * The parts of a check as one: how many products have which problem, and who was named so far. An answer that names
 * more of the products of the answer before counts them again; an answer about the next products counts those.
 */
export function findingsOf(parts: readonly Preflight[]): Finding[] {
  const found = new Map<string, Finding>()
  let named = 0
  parts.forEach((part, index) => {
    const before = parts[index - 1]
    const repeats = before !== undefined && named < before.checked && sameCounts(before, part)
    if (!repeats) named = 0
    named += part.items.length
    for (const count of part.summary) {
      const known = found.get(count.code)
      if (!known) found.set(count.code, { ...count, items: [] })
      else if (!repeats) known.products += count.products
    }
    for (const item of part.items) {
      for (const { code } of item.problems) found.get(code)?.items.push(item)
    }
  })
  return [...found.values()].sort(
    (one, other) =>
      Number(one.severity === 'warning') - Number(other.severity === 'warning') || other.products - one.products,
  )
}

function sameCounts(one: Preflight, other: Preflight): boolean {
  return one.checked === other.checked && JSON.stringify(one.summary) === JSON.stringify(other.summary)
}

/** How many products all parts together have looked at. */
export function checkedOf(parts: readonly Preflight[]): number {
  let named = 0
  return parts.reduce((sum, part, index) => {
    const before = parts[index - 1]
    const repeats = before !== undefined && named < before.checked && sameCounts(before, part)
    named = repeats ? named + part.items.length : part.items.length
    return repeats ? sum : sum + part.checked
  }, 0)
}

/** The list of products with that problem, where its filters can say it. */
export function listFilterOf(code: string): Record<string, string> | null {
  const missing: Record<string, string> = {
    'gtin-missing': 'gtin',
    'price-missing': 'price',
    'image-missing': 'image',
  }
  return missing[code] ? { missing: missing[code] } : null
}
