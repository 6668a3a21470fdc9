import { useSessionStorage } from '@vueuse/core'
import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { ListingRead, ReviewCounts } from '@/api/generated'
import { toProblemError, type ProblemError } from '@/api/problem'
import { fetchReviewPage, type ReviewFilters } from '@/api/queries'
import { nextWaiting, placeOf, withPage, type QueueEntry, type Verdict } from '../queue'

/** So many texts before the end of what is loaded, the next page is asked for. */
const LOAD_AHEAD = 10

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)

/** The queue and the place in it. The URL holds the place: a reload, or a link, goes on where somebody was. */
export function useReviewQueue() {
  const route = useRoute()
  const router = useRouter()

  const filters = computed<ReviewFilters>(() => ({
    language: textOf(route.query.language),
    assignee: textOf(route.query.assignee),
  }))

  const entries = ref<QueueEntry[]>([])
  const place = ref(0)
  const counts = shallowRef<ReviewCounts | null>(null)
  const nextCursor = ref<string | null>(null)
  const loading = ref(true)
  const error = shallowRef<ProblemError | null>(null)
  /** In this sitting, over reloads. */
  const done = useSessionStorage('review-done', 0)
  /** Judged since the counts were loaded. */
  const judged = ref(0)
  let turn = 0

  const current = computed(() => entries.value[place.value])
  const left = computed(() => Math.max(0, (counts.value?.needs_review ?? 0) - judged.value))
  /** The queue was entered in its middle. */
  const startsLater = computed(() => (entries.value[0]?.page ?? null) !== null)

  async function load(from: string | null, wanted: string | null): Promise<void> {
    turn += 1
    const mine = turn
    loading.value = true
    error.value = null
    try {
      const page = await fetchReviewPage(filters.value, from).catch((reason: unknown) => {
        // A cursor of an older link: begin at the start.
        if (from !== null && toProblemError(reason).status === 422) return fetchReviewPage(filters.value, null)
        throw reason
      })
      if (mine !== turn) return
      entries.value = withPage([], page.items, from)
      counts.value = page.counts
      judged.value = 0
      nextCursor.value = page.next_cursor ?? null
      place.value = placeOf(entries.value, wanted)
    } catch (reason) {
      if (mine === turn) error.value = toProblemError(reason)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  async function loadMore(): Promise<void> {
    const cursor = nextCursor.value
    if (cursor === null || loading.value) return
    const mine = turn
    loading.value = true
    try {
      const page = await fetchReviewPage(filters.value, cursor)
      if (mine !== turn) return
      entries.value = withPage(entries.value, page.items, cursor)
      nextCursor.value = page.next_cursor ?? null
    } catch (reason) {
      if (mine === turn) error.value = toProblemError(reason)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  watch(
    filters,
    (now, before) => {
      if (before && now.language === before.language && now.assignee === before.assignee) return
      void load(before ? null : textOf(route.query.from), before ? null : textOf(route.query.listing))
    },
    { immediate: true },
  )

  watch([place, () => entries.value.length], () => {
    if (place.value >= entries.value.length - LOAD_AHEAD) void loadMore()
  })

  watch(
    () => [current.value?.item.listing.id, current.value?.page] as const,
    ([listing, from]) => {
      if (route.name !== 'review' || !listing) return
      void router.replace({ query: { ...route.query, listing, from: from ?? undefined } })
    },
  )

  function find({ productId, listing }: { productId: string; listing: ListingRead }): QueueEntry | undefined {
    return entries.value.find(
      ({ item }) =>
        item.listing.id === listing.id ||
        (item.product_id === productId && item.listing.language === listing.language && !item.listing.proposal),
    )
  }

  function mark(entry: QueueEntry, verdict: Verdict | undefined): void {
    const step = Number(verdict !== undefined) - Number(entry.verdict !== undefined)
    entry.verdict = verdict
    judged.value += step
    done.value = Math.max(0, done.value + step)
  }

  return {
    filters,
    entries,
    place,
    current,
    counts,
    left,
    done,
    loading,
    error,
    startsLater,
    find,
    mark,
    hasMore: computed(() => nextCursor.value !== null),
    next: () => (place.value = Math.min(place.value + 1, entries.value.length)),
    previous: () => (place.value = Math.max(place.value - 1, 0)),
    /** Onwards to what still waits. */
    onwards: () => (place.value = nextWaiting(entries.value, place.value + 1)),
    goTo: (entry: QueueEntry) => (place.value = entries.value.indexOf(entry)),
    /** Begin anew at the newest. */
    restart: () => load(null, null),
    /** Load what waits now, at the place where one is. */
    reload: () => load(current.value?.page ?? null, current.value?.item.listing.id ?? null),
    filterBy: (changes: Partial<ReviewFilters>) =>
      router.replace({
        query: {
          language: filters.value.language ?? undefined,
          assignee: filters.value.assignee ?? undefined,
          ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? undefined])),
        },
      }),
  }
}
