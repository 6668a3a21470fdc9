import { useIntervalFn } from '@vueuse/core'
import { type Ref } from 'vue'
import { getProduct, getRun, type ProductListItem } from '@/api/generated'
import { isActive } from '@/composables/statuses'

const POLL_MS = 2_000
/** Of those on the screen; the others are seen when these end. */
const MOST_AT_ONCE = 6

/** Load a product again when the run that its row shows has moved on. */
export function useRunWatch(shown: Ref<readonly ProductListItem[]>, replace: (product: ProductListItem) => void): void {
  async function follow(product: ProductListItem): Promise<void> {
    if (!product.run) return
    const { data: run } = await getRun({ path: { run_id: product.run.id }, throwOnError: true })
    if (run.status === product.run.status) return
    replace((await getProduct({ path: { product_id: product.id }, throwOnError: true })).data)
  }

  useIntervalFn(async () => {
    if (document.visibilityState !== 'visible') return
    const active = shown.value.filter(({ run }) => isActive(run?.status)).slice(0, MOST_AT_ONCE)
    await Promise.allSettled(active.map(follow))
  }, POLL_MS)
}
