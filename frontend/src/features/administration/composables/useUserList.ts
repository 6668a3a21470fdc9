import { useInfiniteQuery } from '@pinia/colada'
import { computed, type Ref } from 'vue'
import { fetchUserPage, keys, type UserFilters } from '@/api/queries'

export type UserPage = Awaited<ReturnType<typeof fetchUserPage>>

export function useUserList(filters: Ref<UserFilters>) {
  const list = useInfiniteQuery(() => ({
    key: keys.userList(filters.value),
    query: ({ pageParam, signal }) => fetchUserPage(filters.value, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: UserPage) => last.next_cursor ?? null,
    placeholderData: (previous) => previous,
  }))

  const users = computed(() => list.data.value?.pages.flatMap((page) => page.items))
  const total = computed(() => list.data.value?.pages[0]?.total ?? null)

  return { ...list, users, total }
}
