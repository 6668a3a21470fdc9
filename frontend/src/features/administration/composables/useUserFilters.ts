import { refDebounced } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { UserRead } from '@/api/generated'
import type { UserFilters } from '@/api/queries'

export const ROLES = ['viewer', 'editor', 'admin'] as const satisfies readonly UserRead['role'][]
const DEBOUNCE_MS = 250

/** Which users are shown. The URL is the state. */
export function useUserFilters() {
  const route = useRoute()
  const router = useRouter()

  const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 200) : '')
  const typed = ref(textOf(route.query.q))
  const settled = refDebounced(typed, DEBOUNCE_MS)

  const filters = computed<UserFilters>(() => ({
    search: textOf(route.query.q).trim(),
    role: ROLES.find((role) => role === route.query.role) ?? null,
    active: route.query.status === 'active' ? true : route.query.status === 'inactive' ? false : null,
  }))
  const isFiltered = computed(
    () => filters.value.search !== '' || filters.value.role !== null || filters.value.active !== null,
  )

  function show(query: Record<string, string | undefined>): void {
    void router.replace({ query: { ...route.query, ...query } })
  }

  const role = computed({
    get: () => filters.value.role ?? 'all',
    set: (value: string) => show({ role: value === 'all' ? undefined : value }),
  })
  const status = computed({
    get: () => (filters.value.active === null ? 'all' : filters.value.active ? 'active' : 'inactive'),
    set: (value: string) => show({ status: value === 'all' ? undefined : value }),
  })

  watch(settled, (search) => {
    if (route.name === 'administration-users' && search.trim() !== filters.value.search)
      show({ q: search.trim() || undefined })
  })

  function reset(): void {
    typed.value = ''
    show({ q: undefined, role: undefined, status: undefined })
  }

  return { search: typed, role, status, filters, isFiltered, reset }
}
