import { defineQueryOptions } from '@pinia/colada'
import {
  countFacets,
  diffListings,
  getListing,
  getProduct,
  getSettings,
  getSnapshot,
  getUser,
  listApiKeys,
  listAuditEvents,
  listConflicts,
  listDecisions,
  listFacts,
  listImages,
  listInvitations,
  listListings,
  listPeople,
  listProducts,
  listRuns,
  listSessions,
  listSources,
  listUsers,
  listVersions,
  reviewQueue,
  servicesHealth,
  type CatalogueFilter,
  type ListAuditEventsData,
  type ListProductsData,
  type ProductRead,
  type UserRead,
} from './generated'

export type ProductStatus = ProductRead['status']

export type ProductSort = NonNullable<NonNullable<ListProductsData['query']>['sort']>

/** What the list of products shows, and in which order. Empty lists and nulls narrow nothing. */
export interface ProductFilters {
  search: string
  status: ProductStatus[]
  /** Each with all that is below it. */
  category: string[]
  brand: string[]
  tag: string[]
  missing: string[]
  conflicts: boolean | null
  /** `me`, `none`, or the id of a user. */
  assignee: string | null
  /** The bin instead of the catalogue. */
  deleted: boolean
  sort: ProductSort
}

export interface ReviewFilters {
  language: string | null
  /** `me`, `none`, or null for everybody's. */
  assignee: string | null
}

export interface UserFilters {
  search: string
  role: UserRead['role'] | null
  active: boolean | null
}

export type AuditFilters = Omit<NonNullable<ListAuditEventsData['query']>, 'limit' | 'cursor'>

/** All query keys, from the general to the special: invalidating a key invalidates what is below it. */
export const keys = {
  health: ['services', 'health'],
  products: ['products'],
  productLists: ['products', 'list'],
  productList: (filters: ProductFilters) => ['products', 'list', JSON.stringify(filters)],
  productFacets: (filters: ProductFilters) => [
    'products',
    'list',
    'facets',
    JSON.stringify({ ...filters, sort: undefined }),
  ],
  people: ['people'],
  product: (id: string) => ['products', 'one', id],
  productPart: (
    id: string,
    part: 'fields' | 'images' | 'sources' | 'facts' | 'conflicts' | 'decisions' | 'listings' | 'runs',
  ) => ['products', 'one', id, part],
  settledConflicts: (id: string) => ['products', 'one', id, 'conflicts', 'settled'],
  listing: (id: string, listingId: string) => ['products', 'one', id, 'listings', 'one', listingId],
  listingVersions: (id: string, language: string) => ['products', 'one', id, 'listings', 'versions', language],
  listingDiff: (id: string, before: string, after: string) => [
    'products',
    'one',
    id,
    'listings',
    'diff',
    before,
    after,
  ],
  review: ['review'],
  reviewQueue: (filters: ReviewFilters, from: string | null) => [
    'review',
    'queue',
    filters.language,
    filters.assignee,
    from,
  ],
  limits: ['settings', 'limits', 'default'],
  snapshot: (sha256: string) => ['snapshots', sha256],
  sessions: ['account', 'sessions'],
  apiKeys: ['api-keys'],
  apiKeyList: (whose: 'own' | 'all') => ['api-keys', whose],
  users: ['users'],
  userList: ({ search, role, active }: UserFilters) => ['users', 'list', search, role, active],
  user: (id: string) => ['users', 'one', id],
  invitations: ['invitations'],
  audit: (filters: AuditFilters) => ['audit', JSON.stringify(filters)],
}

/** The filters as the API takes them. */
export function catalogueFilter(filters: ProductFilters): CatalogueFilter {
  const { search, status, category, brand, tag, missing, conflicts, assignee, deleted } = filters
  return { search: search || null, status, category, brand, tag, missing, conflicts, assignee, deleted }
}

export async function fetchProductPage(
  filters: ProductFilters,
  cursor: string | null,
  limit: number,
  signal?: AbortSignal,
) {
  const { data } = await listProducts({
    query: { ...catalogueFilter(filters), sort: filters.sort, limit, cursor },
    signal,
    throwOnError: true,
  })
  return data
}

/** How the products that fit divide, with their counts. */
export const facetsQuery = defineQueryOptions((filters: ProductFilters) => ({
  key: keys.productFacets(filters),
  staleTime: 30_000,
  query: async ({ signal }) =>
    (await countFacets({ query: catalogueFilter(filters), signal, throwOnError: true })).data,
}))

/** Everybody whom products can be assigned to. */
export const peopleQuery = defineQueryOptions({
  key: keys.people,
  staleTime: 300_000,
  query: async ({ signal }) => (await listPeople({ signal, throwOnError: true })).data,
})

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
  // All of them: what was rejected or lost is shown, too, where facts are decided on.
  query: async ({ signal }) =>
    (
      await listFacts({
        path: { product_id: id },
        query: { status: ['used', 'disputed', 'superseded', 'rejected'] },
        signal,
        throwOnError: true,
      })
    ).data,
}))

export const conflictsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'conflicts'),
  query: async ({ signal }) => (await listConflicts({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const settledConflictsQuery = defineQueryOptions((id: string) => ({
  key: keys.settledConflicts(id),
  query: async ({ signal }) =>
    (await listConflicts({ path: { product_id: id }, query: { settled: true }, signal, throwOnError: true })).data,
}))

export const decisionsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'decisions'),
  query: async ({ signal }) => (await listDecisions({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const listingsQuery = defineQueryOptions((id: string) => ({
  key: keys.productPart(id, 'listings'),
  query: async ({ signal }) => (await listListings({ path: { product_id: id }, signal, throwOnError: true })).data,
}))

export const listingQuery = defineQueryOptions(
  ({ productId, listingId }: { productId: string; listingId: string }) => ({
    key: keys.listing(productId, listingId),
    query: async ({ signal }) =>
      (await getListing({ path: { product_id: productId, listing_id: listingId }, signal, throwOnError: true })).data,
  }),
)

const VERSIONS_PER_PAGE = 50

export async function fetchVersions(productId: string, language: string, cursor: string | null, signal?: AbortSignal) {
  const { data } = await listVersions({
    path: { product_id: productId },
    query: { language, cursor, limit: VERSIONS_PER_PAGE },
    signal,
    throwOnError: true,
  })
  return data
}

/** Word by word, from one version of a text to another; the texts of a version never change, so neither does this. */
export const listingDiffQuery = defineQueryOptions(
  ({ productId, before, after }: { productId: string; before: string; after: string }) => ({
    key: keys.listingDiff(productId, before, after),
    staleTime: Infinity,
    query: async ({ signal }) =>
      (
        await diffListings({
          path: { product_id: productId, listing_id: after },
          query: { against: before },
          signal,
          throwOnError: true,
        })
      ).data,
  }),
)

const REVIEWED_PER_PAGE = 50

export async function fetchReviewPage(filters: ReviewFilters, cursor: string | null, signal?: AbortSignal) {
  const { data } = await reviewQueue({
    query: { language: filters.language, assignee: filters.assignee, cursor, limit: REVIEWED_PER_PAGE },
    signal,
    throwOnError: true,
  })
  return data
}

/** How long the shop wants its texts. */
export const limitsQuery = defineQueryOptions({
  key: keys.limits,
  staleTime: 300_000,
  query: async ({ signal }) => {
    const { data } = await getSettings({ path: { kind: 'limits', key: 'default' }, signal, throwOnError: true })
    return data.value.kind === 'limits' ? data.value : null
  },
})

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

export const sessionsQuery = defineQueryOptions({
  key: keys.sessions,
  query: async ({ signal }) => (await listSessions({ signal, throwOnError: true })).data,
})

export const userQuery = defineQueryOptions((id: string) => ({
  key: keys.user(id),
  query: async ({ signal }) => (await getUser({ path: { user_id: id }, signal, throwOnError: true })).data,
}))

const PAGE_SIZE = 50

export async function fetchUserPage(filters: UserFilters, cursor: string | null, signal?: AbortSignal) {
  const { search, role, active } = filters
  const query = { search: search || null, role, active, limit: PAGE_SIZE, cursor }
  return (await listUsers({ query, signal, throwOnError: true })).data
}

export async function fetchInvitationPage(cursor: string | null, signal?: AbortSignal) {
  return (await listInvitations({ query: { limit: PAGE_SIZE, cursor }, signal, throwOnError: true })).data
}

export async function fetchApiKeyPage(whose: 'own' | 'all', cursor: string | null, signal?: AbortSignal) {
  const query = { everybody: whose === 'all', limit: PAGE_SIZE, cursor }
  return (await listApiKeys({ query, signal, throwOnError: true })).data
}

export async function fetchAuditPage(filters: AuditFilters, cursor: string | null, signal?: AbortSignal) {
  const query = { ...filters, limit: PAGE_SIZE, cursor }
  return (await listAuditEvents({ query, signal, throwOnError: true })).data
}
