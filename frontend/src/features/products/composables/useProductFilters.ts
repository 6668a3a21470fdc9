import { refDebounced } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { ProductFilters, ProductStatus } from '@/api/queries'
import { PRODUCT_STATUSES } from '@/composables/statuses'

const DEBOUNCE_MS = 250

function statusOf(value: unknown): ProductStatus | null {
  return PRODUCT_STATUSES.find((status) => status === value) ?? null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

/** What the list shows. The URL is the state, so that a view can be shared and the back button works. */
export function useProductFilters() {
  const route = useRoute()
  const router = useRouter()

  const typed = ref(textOf(route.query.q))
  const settled = refDebounced(typed, DEBOUNCE_MS)

  const filters = computed<ProductFilters>(() => ({
    search: textOf(route.query.q).trim(),
    status: statusOf(route.query.status),
  }))
  const isFiltered = computed(() => filters.value.search !== '' || filters.value.status !== null)

  function show(search: string, status: ProductStatus | null): void {
    void router.replace({ query: { ...route.query, q: search.trim() || undefined, status: status ?? undefined } })
  }

  const status = computed({
    get: () => filters.value.status,
    set: (value) => show(typed.value, value),
  })

  watch(settled, (search) => {
    if (route.name === 'products' && search.trim() !== filters.value.search) show(search, filters.value.status)
  })
  watch(
    () => filters.value.search,
    (search) => {
      if (search !== settled.value.trim()) typed.value = search
    },
  )

  function reset(): void {
    typed.value = ''
    show('', null)
  }

  return { search: typed, status, filters, isFiltered, reset }
}
