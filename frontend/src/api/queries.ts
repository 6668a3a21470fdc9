import { defineQueryOptions } from '@pinia/colada'
import {
  getProduct,
  getSnapshot,
  listConflicts,
  listFacts,
  listImages,
  listListings,
  listProducts,
  listRuns,
  listSources,
  servicesHealth,
  type ProductRead,
} from './generated'

export type ProductStatus = ProductRead['status']

export interface ProductFilters {
  search: string
  status: ProductStatus | null
}

/** All query keys, from the general to the special: invalidating a key invalidates what is below it. */
export const keys = {
  health: ['services', 'health'],
  products: ['products'],
  productLists: ['products', 'list'],
  productList: (filters: ProductFilters) => ['products', 'list', filters.search, filters.status],
  product: (id: string) => ['products', 'one', id],
  productPart: (id: string, part: 'fields' | 'images' | 'sources' | 'facts' | 'conflicts' | 'listings' | 'runs') => [
    'products',
    'one',
    id,
    part,
  ],
  snapshot: (sha256: string) => ['snapshots', sha256],
}

export const PAGE_SIZE = 50

export async function fetchProductPage(filters: ProductFilters, cursor: string | null, signal?: AbortSignal) {
  const { data } = await listProducts({
    query: { search: filters.search || null, status: filters.status, limit: PAGE_SIZE, cursor },
    signal,
    throwOnError: true,
  })
  return data
}

/** The product with the tag of its version, which a write has to name. */
export interface TaggedProduct {
  product: ProductRead
  etag: string
}

export async function fetchProduct(id: string, signal?: AbortSignal): Promise<TaggedProduct> {
  const { data, response } = await getProduct({ path: { product_id: id }, signal, throwOnError: true })
  return { product: data, etag: response.headers.get('ETag') ?? `"${data.version}"` }
}

export const productQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'fields'),
  query: ({ signal }) => fetchProduct(id, signal),
}))

export const imagesQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'images'),
  query: async ({ signal }) => (await listImages({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const sourcesQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'sources'),
  query: async ({ signal }) => (await listSources({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const factsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'facts'),
  query: async ({ signal }) => (await listFacts({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const conflictsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'conflicts'),
  query: async ({ signal }) => (await listConflicts({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const listingsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'listings'),
  query: async ({ signal }) => (await listListings({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const runsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'runs'),
  query: async ({ signal }) =>
    (await listRuns({ path: { product_id: id }, query: { limit: 5 }, signal, throwOnError: true })).data,
}))

export const snapshotQuery = defineQueryOptions((sha256: string) => ({
  key: keys.snapshot(sha256),
  // Named by its hash, so it never changes.
  staleTime: Infinity,
  query: async ({ signal }) => (await getSnapshot({ path: { sha256 }, signal, throwOnError: true })).data.text,
}))

export const healthQuery = defineQueryOptions({
  key: keys.health,
  query: async ({ signal }) => (await servicesHealth({ signal, throwOnError: true })).data,
})
