import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { AuditFilters } from '@/api/queries'
import { ACTIONS } from '../auditChanges'
import { dayAfter, dayOf, startOfDay } from '../days'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Which events are shown. The URL is the state; days are those of the reader's own clock. */
export function useAuditFilters() {
  const route = useRoute()
  const router = useRouter()

  const text = (name: string) => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const set = (name: string, value: string | null | undefined) =>
    void router.replace({ query: { ...route.query, [name]: value || undefined } })
  const bound = (name: string, read: (value: string) => string) =>
    computed({ get: () => read(text(name)), set: (value: string | null) => set(name, value) })

  const actor = bound('actor', (value) => (ID.test(value) ? value : ''))
  const product = bound('product', (value) => (ID.test(value) ? value : ''))
  const action = bound('action', (value) => ACTIONS.find((known) => known === value) ?? '')
  const table = bound('table', (value) => (/^[a-z][a-z0-9_]{0,62}$/.test(value) ? value : ''))
  const since = bound('since', dayOf)
  const until = bound('until', dayOf)

  const filters = computed<AuditFilters>(() => ({
    actor_id: actor.value || undefined,
    product_id: product.value || undefined,
    action: ACTIONS.find((known) => known === action.value),
    table: table.value || undefined,
    since: since.value ? startOfDay(since.value) : undefined,
    until: until.value ? dayAfter(until.value) : undefined,
  }))
  const isFiltered = computed(() => Object.values(filters.value).some((value) => value !== undefined))

  const exportUrl = computed(() => {
    const query = new URLSearchParams(
      Object.entries(filters.value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ).toString()
    return `/api/v1/audit/export${query && `?${query}`}`
  })

  return {
    actor,
    product,
    action,
    table,
    since,
    until,
    filters,
    isFiltered,
    exportUrl,
    reset: () => void router.replace({ query: {} }),
  }
}
