import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { listUsers } from '@/api/generated'
import { keys } from '@/api/queries'

/** As many as one page can have; who is not among them is told by the end of their id. */
const MOST = 200

/** Names by id, of those who have left, too. */
export function useUserNames() {
  const { data } = useQuery({
    key: [...keys.users, 'names'],
    staleTime: 60_000,
    query: async ({ signal }) => (await listUsers({ query: { limit: MOST }, signal, throwOnError: true })).data.items,
  })
  return computed<ReadonlyMap<string, string>>(() => new Map(data.value?.map(({ id, name }) => [id, name])))
}
