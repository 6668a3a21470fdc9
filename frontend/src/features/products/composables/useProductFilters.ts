import { refDebounced } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { ProductFilters } from '@/api/queries'
import { emptyFilters, filtersOf, narrows, queryOf } from '../productFilters'

const DEBOUNCE_MS = 250

/** What the list shows. The URL is the state, so that a view can be shared and the back button works. */
export function useProductFilters() {
  const route = useRoute()
  const router = useRouter()

  // A string, so that what leads to the same list is the same, and nothing is loaded anew.
  const state = ref(JSON.stringify(filtersOf(route.query)))
  watch(
    () => route.query,
    (query) => {
      if (route.name === 'products') state.value = JSON.stringify(filtersOf(query))
    },
  )
  const filters = computed(() => JSON.parse(state.value) as ProductFilters)
  const isFiltered = computed(() => narrows(filters.value))

  const typed = ref(filters.value.search)
  const settled = refDebounced(typed, DEBOUNCE_MS)

  function change(changes: Partial<ProductFilters>): void {
    void router.replace({ query: queryOf({ ...filters.value, search: typed.value.trim(), ...changes }) })
  }

  watch(settled, (search) => {
    if (route.name === 'products' && search.trim() !== filters.value.search) change({})
  })
  watch(
    () => filters.value.search,
    (search) => {
      if (search !== settled.value.trim()) typed.value = search
    },
  )

  /** All filters off; bin and order stay. */
  function reset(): void {
    typed.value = ''
    const { deleted, sort } = filters.value
    change({ ...emptyFilters(), deleted, sort })
  }

  return { search: typed, filters, isFiltered, change, reset }
}
