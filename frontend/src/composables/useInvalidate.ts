import { useQueryCache } from '@pinia/colada'

/**
 * Have everything below a query key loaded again where it is on the screen. Never rejects: what goes wrong is told
 * where the query is shown, and a load that a newer one replaced is no error.
 */
export function useInvalidate() {
  const queryCache = useQueryCache()
  return async (key: readonly (string | null)[]): Promise<void> => {
    await queryCache.invalidateQueries({ key: [...key] }).catch(() => undefined)
  }
}
