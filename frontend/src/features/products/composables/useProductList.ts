import { useQuery } from '@pinia/colada'
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ProductListItem } from '@/api/generated'
import { toProblemError } from '@/api/problem'
import { facetsQuery, fetchProductPage, keys, type ProductFilters } from '@/api/queries'
import { allStale, mapRows, pageAt, rowsOf, withPage, type ListPage } from '../productPages'
import type { RowWindow } from '../rowWindow'

const PAGE_SIZE = 100

/** The list that was left last: who comes back to it finds as many rows as before, and so the place. */
let left: { key: string; pages: ListPage[] } | null = null

/**
 * The products that fit the filters, page after page. The first page is an ordinary query: when it is loaded again, the
 * others are stale, and of those only what is on the screen is loaded again, however many there are.
 */
export function useProductList(filters: Ref<ProductFilters>) {
  const pages = shallowRef<ListPage[]>([])
  const shownKey = ref('')
  const loading = ref(false)
  const moreError = shallowRef<unknown>(null)
  let controller = new AbortController()
  let seen: RowWindow | null = null

  const first = useQuery(() => ({
    key: keys.productList(filters.value),
    query: ({ signal }) => fetchProductPage(filters.value, null, PAGE_SIZE, signal),
    // Going on to the next filter keeps the rows until the new ones are there.
    placeholderData: (previous) => previous,
  }))

  const items = computed(() => rowsOf(pages.value))
  // Many products are not counted with each page, but with the facets: each has one status.
  const uncounted = computed(() => first.data.value !== undefined && first.data.value.total === null)
  const facets = useQuery(() => ({ ...facetsQuery(filters.value), enabled: uncounted.value }))
  const total = computed(() => {
    if (!uncounted.value) return first.data.value?.total ?? null
    return facets.data.value?.status.reduce((sum, { count }) => sum + count, 0) ?? null
  })
  const next = computed(() => pages.value.at(-1)?.next ?? null)
  const error = computed(() => first.error.value ?? moreError.value)

  watch(
    [first.data, first.isPlaceholderData],
    ([data, isPlaceholder]) => {
      if (!data || isPlaceholder) return
      const key = JSON.stringify(filters.value)
      if (shownKey.value !== key) {
        controller.abort()
        controller = new AbortController()
        loading.value = false
        moreError.value = null
        pages.value = left?.key === key ? left.pages : []
        shownKey.value = key
      }
      pages.value = withPage(allStale(pages.value), null, data)
      lookAgain()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    controller.abort()
    if (shownKey.value) left = { key: shownKey.value, pages: pages.value }
  })

  async function load(cursor: string): Promise<void> {
    if (loading.value) return
    loading.value = true
    const { signal } = controller
    try {
      const loaded = await fetchProductPage(filters.value, cursor, PAGE_SIZE, signal)
      if (signal.aborted) return
      moreError.value = null
      pages.value = withPage(pages.value, cursor, loaded)
    } catch (problem) {
      if (!signal.aborted) moreError.value = toProblemError(problem)
    } finally {
      if (!signal.aborted) {
        loading.value = false
        lookAgain()
      }
    }
  }

  function lookAgain(): void {
    if (seen) void look(seen)
  }

  async function loadMore(): Promise<void> {
    if (next.value !== null) await load(next.value)
  }

  /** What is on the screen: stale pages of it are loaded again, and near the end the next one. */
  async function look(shown: RowWindow): Promise<void> {
    seen = shown
    if (loading.value || moreError.value !== null) return
    const stale = [shown.start, Math.max(shown.start, shown.end - 1)]
      .map((row) => pageAt(pages.value, row))
      .find((page) => page?.stale && page.cursor !== null)
    if (stale?.cursor) await load(stale.cursor)
    else if (shown.end >= items.value.length - PAGE_SIZE / 4) await loadMore()
  }

  /** Change rows before the server has done so; the answer is the way back. */
  function patch(change: (item: ProductListItem) => ProductListItem | null): () => void {
    const before = pages.value
    pages.value = mapRows(before, change)
    return () => (pages.value = before)
  }

  async function retry(): Promise<void> {
    const hadMore = moreError.value !== null
    moreError.value = null
    if (hadMore && first.error.value === null) await loadMore()
    else await first.refetch()
  }

  return {
    items,
    total,
    error,
    isPending: computed(() => first.isPending.value),
    isLoading: computed(() => first.isLoading.value || loading.value),
    hasMore: computed(() => next.value !== null),
    loadMore,
    look,
    patch,
    retry,
    pages,
  }
}
