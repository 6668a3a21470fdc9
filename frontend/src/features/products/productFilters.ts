import type { LocationQuery, LocationQueryRaw, LocationQueryValue } from 'vue-router'
import type { ProductFilters, ProductSort } from '@/api/queries'
import { PRODUCT_STATUSES } from '@/composables/statuses'

export const SORTS = [
  '-created_at',
  'created_at',
  '-updated_at',
  'updated_at',
  'name',
  '-name',
  'sku',
  '-sku',
  'price',
  '-price',
] as const satisfies readonly ProductSort[]
export const DEFAULT_SORT: ProductSort = '-created_at'

/** What a product may lack; attributes come as `attribute:NAME` beside these. */
export const MISSING = ['gtin', 'brand', 'category', 'price', 'image', 'source', 'listing', 'required'] as const

/** The filters that are lists of values. */
export type ListFilter = 'status' | 'category' | 'brand' | 'tag' | 'missing'

const LONGEST = 500
const MOST = 50

function first(value: LocationQueryValue | LocationQueryValue[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

function list(value: LocationQueryValue | LocationQueryValue[] | undefined): string[] {
  const values = (Array.isArray(value) ? value : [value]).filter((each): each is string => !!each)
  return [...new Set(values.map((each) => each.slice(0, LONGEST)))].slice(0, MOST)
}

export function emptyFilters(): ProductFilters {
  return {
    search: '',
    status: [],
    category: [],
    brand: [],
    tag: [],
    missing: [],
    conflicts: null,
    assignee: null,
    deleted: false,
    sort: DEFAULT_SORT,
  }
}

/** The filters that an address asks for; what makes no sense in it is left out. */
export function filtersOf(query: LocationQuery): ProductFilters {
  const conflicts = first(query.conflicts)
  return {
    search: first(query.q).slice(0, 200).trim(),
    status: PRODUCT_STATUSES.filter((status) => list(query.status).includes(status)),
    category: list(query.category),
    brand: list(query.brand),
    tag: list(query.tag),
    missing: list(query.missing).filter(
      (each) => MISSING.some((known) => known === each) || each.startsWith('attribute:'),
    ),
    conflicts: conflicts === 'yes' ? true : conflicts === 'no' ? false : null,
    assignee: /^(me|none|[0-9a-f-]{36})$/.test(first(query.assignee)) ? first(query.assignee) : null,
    deleted: first(query.bin) === 'yes',
    sort: SORTS.find((sort) => sort === first(query.sort)) ?? DEFAULT_SORT,
  }
}

/** The address that asks for these filters. What narrows nothing is not in it. */
export function queryOf(filters: ProductFilters): LocationQueryRaw {
  const listed = (values: string[]) => (values.length ? values : undefined)
  return {
    q: filters.search || undefined,
    status: listed(filters.status),
    category: listed(filters.category),
    brand: listed(filters.brand),
    tag: listed(filters.tag),
    missing: listed(filters.missing),
    conflicts: filters.conflicts === null ? undefined : filters.conflicts ? 'yes' : 'no',
    assignee: filters.assignee ?? undefined,
    bin: filters.deleted ? 'yes' : undefined,
    sort: filters.sort === DEFAULT_SORT ? undefined : filters.sort,
  }
}

/** How many choices narrow the list, the search not counted. */
export function choiceCount(filters: ProductFilters): number {
  return (
    filters.status.length +
    filters.category.length +
    filters.brand.length +
    filters.tag.length +
    filters.missing.length +
    (filters.conflicts === null ? 0 : 1) +
    (filters.assignee === null ? 0 : 1)
  )
}

export function narrows(filters: ProductFilters): boolean {
  return filters.search !== '' || choiceCount(filters) > 0
}
