import type { ProductListItem } from '@/api/generated'

/** One page of the list. A stale one is loaded again when somebody looks at it. */
export interface ListPage {
  cursor: string | null
  next: string | null
  items: readonly ProductListItem[]
  stale: boolean
}

export interface LoadedPage {
  items: ProductListItem[]
  next_cursor?: string | null
}

/**
 * The pages with `loaded` as the page that begins at `cursor`. Where it ends elsewhere than before, the next page begins
 * there: it is stale, and so on, as far as somebody looks.
 */
export function withPage(pages: readonly ListPage[], cursor: string | null, loaded: LoadedPage): ListPage[] {
  const page = { cursor, next: loaded.next_cursor ?? null, items: loaded.items, stale: false }
  const place = pages.findIndex((each) => each.cursor === cursor)
  if (place === -1) return [...pages, page]
  const following = pages.slice(place + 1)
  if (page.next === null) return [...pages.slice(0, place), page]
  const [second, ...rest] = following
  const moved = second && second.cursor !== page.next ? { ...second, cursor: page.next, stale: true } : second
  return [...pages.slice(0, place), page, ...(moved ? [moved, ...rest] : [])]
}

export function allStale(pages: readonly ListPage[]): ListPage[] {
  return pages.map((page) => ({ ...page, stale: true }))
}

/** All rows, each once: while pages are loaded again, two neighbours may both have it. */
export function rowsOf(pages: readonly ListPage[]): ProductListItem[] {
  const seen = new Set<string>()
  const rows: ProductListItem[] = []
  for (const page of pages) {
    for (const item of page.items) {
      if (seen.has(item.id)) continue
      seen.add(item.id)
      rows.push(item)
    }
  }
  return rows
}

/** The page that the row at this place is on, or null. */
export function pageAt(pages: readonly ListPage[], row: number): ListPage | null {
  let left = row
  for (const page of pages) {
    if (left < page.items.length) return page
    left -= page.items.length
  }
  return null
}

/** The pages with every row changed, or taken out where `change` says null. */
export function mapRows(
  pages: readonly ListPage[],
  change: (item: ProductListItem) => ProductListItem | null,
): ListPage[] {
  return pages.map((page) => ({ ...page, items: page.items.map(change).filter((item) => item !== null) }))
}
