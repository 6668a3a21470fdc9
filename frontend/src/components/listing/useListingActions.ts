import { useToast } from '@nuxt/ui/composables'
import { useQueryCache } from '@pinia/colada'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  approveListing,
  checkAgain,
  getListing,
  overruleClaim,
  rejectListing,
  restoreListing,
  undoListing,
  type ListingRead,
} from '@/api/generated'
import { keys } from '@/api/queries'
import { useInvalidate } from '@/composables/useInvalidate'
import { useProblemToast } from '@/composables/useProblems'

export interface Reviewed {
  productId: string
  listing: ListingRead
}

interface Options {
  /** The text that stands after an act, for whoever shows one text after the other. */
  onDone?: (done: Reviewed, act: ListingAct) => void
}

export type ListingAct = 'approve' | 'reject' | 'restore' | 'undo' | 'overrule' | 'recheck'

/** Acts that the toast offers to take back. */
const UNDOABLE: ReadonlySet<ListingAct> = new Set(['approve', 'reject', 'restore', 'overrule'])

/** Whether a text could go live as it stands. */
export function mayApprove(listing: Pick<ListingRead, 'status' | 'checked' | 'open_claims'>): boolean {
  return listing.status === 'needs_review' && listing.checked && listing.open_claims === 0
}

/** What people do with a text. Each act names the version that was seen, and can be taken back. */
export function useListingActions(options: Options = {}) {
  const { t, locale } = useI18n()
  const toast = useToast()
  const queryCache = useQueryCache()
  const invalidate = useInvalidate()
  const showProblem = useProblemToast()
  const running = ref<ListingAct | null>(null)

  /** Show a text at once wherever it is shown; the rest of the product is loaded again. */
  function keep(productId: string, listing: ListingRead): void {
    queryCache.setQueryData(keys.listing(productId, listing.id), listing)
    if (!listing.current) return
    queryCache.setQueryData(keys.productPart(productId, 'listings'), (listings: ListingRead[] | undefined) =>
      listings?.map((each) => (each.language === listing.language ? listing : each)),
    )
  }

  function reload(productId: string): void {
    void invalidate(keys.product(productId))
    void invalidate(keys.productLists)
    void invalidate(keys.review)
  }

  async function act(
    name: ListingAct,
    { productId, listing }: Reviewed,
    request: (
      path: { product_id: string; listing_id: string },
      headers: { 'If-Match': string },
    ) => Promise<ListingRead>,
  ): Promise<ListingRead> {
    running.value = name
    try {
      const done = await request({ product_id: productId, listing_id: listing.id }, { 'If-Match': listing.etag })
      keep(productId, done)
      if (UNDOABLE.has(name)) offerUndo(name, { productId, listing: done })
      else if (name === 'undo') toast.add({ title: t('listing.done.undo'), icon: 'i-lucide-undo-2', color: 'neutral' })
      options.onDone?.({ productId, listing: done }, name)
      return done
    } finally {
      running.value = null
      reload(productId)
    }
  }

  function offerUndo(name: ListingAct, done: Reviewed): void {
    toast.add({
      title: t(`listing.done.${name}`, { version: done.listing.version }),
      icon: name === 'reject' ? 'i-lucide-circle-x' : 'i-lucide-check',
      color: name === 'reject' ? 'neutral' : 'success',
      actions: [
        {
          label: t('common.undo'),
          color: 'neutral',
          variant: 'outline',
          onClick: () => void undo(done).catch(showProblem),
        },
      ],
    })
  }

  async function undo(reviewed: Reviewed): Promise<ListingRead> {
    return act('undo', reviewed, async (path, headers) => {
      return (await undoListing({ path, headers, throwOnError: true })).data
    })
  }

  /** The status changes on the screen at once, and back where the server refuses. */
  async function approve(reviewed: Reviewed): Promise<ListingRead> {
    const { productId, listing } = reviewed
    keep(productId, { ...listing, status: 'approved' })
    try {
      return await act('approve', reviewed, async (path, headers) => {
        return (await approveListing({ path, headers, throwOnError: true })).data
      })
    } catch (error) {
      keep(productId, listing)
      throw error
    }
  }

  const reject = (reviewed: Reviewed, reason: string) =>
    act('reject', reviewed, async (path, headers) => {
      return (await rejectListing({ path, headers, body: { reason }, throwOnError: true })).data
    })

  const overrule = (reviewed: Reviewed, claimId: string, reason: string) =>
    act('overrule', reviewed, async (path, headers) => {
      const claim = { ...path, claim_id: claimId }
      return (await overruleClaim({ path: claim, headers, body: { reason }, throwOnError: true })).data
    })

  const recheck = (reviewed: Reviewed) =>
    act('recheck', reviewed, async (path, headers) => {
      const query = { ui_language: locale.value }
      return (await checkAgain({ path, headers, query, throwOnError: true })).data
    })

  /** Make an older version, or an engine's proposal, the text that is worked on. */
  async function restore(productId: string, listingId: string): Promise<ListingRead> {
    const path = { product_id: productId, listing_id: listingId }
    const { data: listing } = await getListing({ path, throwOnError: true })
    return act('restore', { productId, listing }, async (path_, headers) => {
      return (await restoreListing({ path: path_, headers, throwOnError: true })).data
    })
  }

  return {
    running: computed(() => running.value),
    keep,
    reload,
    approve,
    reject,
    undo,
    overrule,
    recheck,
    restore,
  }
}
