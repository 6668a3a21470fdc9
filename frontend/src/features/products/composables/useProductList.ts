import { useInfiniteQuery } from '@pinia/colada'
import { computed, type Ref } from 'vue'
import { fetchProductPage, keys, type ProductFilters } from '@/api/queries'

/** The products that fit the filters, page after page. */
export function useProductList(filters: Ref<ProductFilters>) {
  const list = useInfiniteQuery(() => ({
    key: keys.productList(filters.value),
    query: ({ pageParam, signal }) => fetchProductPage(filters.value, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Awaited<ReturnType<typeof fetchProductPage>>) => last.next_cursor ?? null,
    // Going on to the next filter keeps the rows until the new ones are there.
    placeholderData: (previous) => previous,
  }))

  const items = computed(() => list.data.value?.pages.flatMap((page) => page.items) ?? [])
  const total = computed(() => list.data.value?.pages[0]?.total ?? null)

  return { ...list, items, total }
}
