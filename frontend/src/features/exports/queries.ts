import { defineQueryOptions } from '@pinia/colada'
import { getSettings, listExports, preflightExport, type ExportRequest } from '@/api/generated'

export const exportKeys = {
  list: ['exports', 'list'],
  preflight: (request: string) => ['exports', 'preflight', request],
  // Below `settings`, so that a change of the settings is seen here.
  shop: ['settings', 'shop', 'for-exports'],
  languages: ['settings', 'languages', 'for-exports'],
}

const LISTED = 50
/** Products with problems that one request of the check names. */
const NAMED = 200

export const exportsQuery = defineQueryOptions({
  key: exportKeys.list,
  query: async ({ signal }) => (await listExports({ query: { limit: LISTED }, signal, throwOnError: true })).data,
})

/** What the shop's settings say of prices and addresses, to begin with. */
export const shopQuery = defineQueryOptions({
  key: exportKeys.shop,
  staleTime: 60_000,
  query: async ({ signal }) => {
    const { data } = await getSettings({ path: { kind: 'shop', key: 'default' }, signal, throwOnError: true })
    const { value } = data
    return value.kind === 'shop' ? value : null
  },
})

/** The languages that the shop sells in. */
export const languagesQuery = defineQueryOptions({
  key: exportKeys.languages,
  staleTime: 60_000,
  query: async ({ signal }) => {
    const { data } = await getSettings({ path: { kind: 'languages', key: 'default' }, signal, throwOnError: true })
    const { value } = data
    return value.kind === 'languages' ? value : null
  },
})

export async function fetchPreflight(request: ExportRequest, cursor: string | null, signal?: AbortSignal) {
  const query = { limit: NAMED, cursor }
  return (await preflightExport({ body: request, query, signal, throwOnError: true })).data
}
