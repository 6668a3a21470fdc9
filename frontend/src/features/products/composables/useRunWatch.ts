import { useIntervalFn } from '@vueuse/core'
import { type Ref } from 'vue'
import { getRun, type ProductListItem } from '@/api/generated'
import { keys } from '@/api/queries'
import { useInvalidate } from '@/composables/useInvalidate'
import { isActive } from '@/composables/statuses'

const POLL_MS = 2_000
/** More streams than this a browser would not open anyway; the others are seen when these end. */
const MOST_AT_ONCE = 6

/** Reload the list when a run that it shows has moved on. */
export function useRunWatch(items: Ref<ProductListItem[]>): void {
  const invalidate = useInvalidate()

  useIntervalFn(async () => {
    if (document.visibilityState !== 'visible') return
    const shown = items.value.flatMap(({ run }) => (run && isActive(run.status) ? [run] : [])).slice(0, MOST_AT_ONCE)
    const seen = await Promise.allSettled(shown.map(({ id }) => getRun({ path: { run_id: id }, throwOnError: true })))
    const moved = seen.some(
      (result, index) => result.status === 'fulfilled' && result.value.data.status !== shown[index]?.status,
    )
    if (moved) await invalidate(keys.productLists)
  }, POLL_MS)
}
