import { useToast } from '@nuxt/ui/composables'
import { useDebounceFn } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  checkDraft,
  editListing,
  listListings,
  type Claim,
  type ImageRead,
  type ListingCheck,
  type ListingRead,
} from '@/api/generated'
import { toProblemError, type ProblemError } from '@/api/problem'
import { useSession } from '@/composables/useSession'
import { changesOf, checkedTexts, draftOf, newRow, type CheckedText, type DraftState } from './listingDraft'

/** Long enough not to ask at every letter, short enough to see the verdict before the next sentence. */
const CHECK_AFTER_MS = 700

interface Kept {
  base: ListingRead
  draft: DraftState
}

/** Of each person their own: who signs in next in this tab finds none of it. */
const keyOf = (productId: string, language: string) =>
  `listing-draft:${useSession().user.value?.id ?? ''}:${productId}:${language}`

/** What is typed survives a reload of the page; it is kept for this tab only. */
function readKept(productId: string, language: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(productId, language)) ?? 'null') as Kept | null
    // Row numbers of another page load could meet those of this one.
    kept?.draft.bullets.forEach((row) => (row.id = newRow().id))
    return kept
  } catch {
    return null
  }
}

function keepTyped(productId: string, kept: Kept): void {
  try {
    sessionStorage.setItem(keyOf(productId, kept.base.language), JSON.stringify(kept))
  } catch {
    // Without storage it works as well, only not over a reload.
  }
}

export function hasKeptDraft(productId: string, language: string): boolean {
  return sessionStorage.getItem(keyOf(productId, language)) !== null
}

const SUPERSEDED = '/problems/listing-superseded'

/** A text being edited: its draft, the check of what is typed, and what to do when somebody else was faster. */
export function useListingEdit(productId: string, listing: ListingRead, images: Ref<ImageRead[] | undefined>) {
  const { t, locale } = useI18n()
  const toast = useToast()

  /** What editing began from; a newer version never overwrites what somebody is typing. */
  const kept = readKept(productId, listing.language)
  const moved = kept !== null && kept.base.id !== listing.id
  const base = shallowRef(moved ? kept.base : listing)
  const restored = ref(kept !== null)
  const draft = ref<DraftState>(kept?.draft ?? draftOf(listing.content, images.value))
  /** The version that somebody else made meanwhile. */
  const theirs = shallowRef<ListingRead | null>(moved ? listing : null)

  const changes = computed(() => changesOf(draft.value, base.value.content))
  const dirty = computed(() => changes.value !== null)

  const claims = shallowRef<Claim[]>([])
  const grounding = shallowRef(base.value.content.grounding)
  const warnings = shallowRef(base.value.warnings)
  const facts = shallowRef(base.value.facts)
  const checked = shallowRef(new Map<string, CheckedText>())
  const checking = ref(false)
  const checkProblem = shallowRef<ProblemError | null>(null)
  const saving = ref(false)
  const saveProblem = shallowRef<ProblemError | null>(null)
  let asked: AbortController | null = null

  function showBase(): void {
    claims.value = base.value.content.claims ?? []
    grounding.value = base.value.content.grounding
    warnings.value = base.value.warnings
    facts.value = base.value.facts
    checked.value = checkedTexts(draft.value, base.value.content, claims.value, false)
  }

  if (!kept) showBase()

  function take(outcome: ListingCheck, sent: DraftState): void {
    claims.value = outcome.claims
    grounding.value = outcome.grounding
    warnings.value = outcome.warnings
    facts.value = outcome.facts
    checked.value = checkedTexts(sent, base.value.content, outcome.claims, true)
  }

  async function check(): Promise<void> {
    asked?.abort()
    const body = changes.value
    checkProblem.value = null
    if (body === null) {
      checking.value = false
      showBase()
      return
    }
    // An empty title can't be checked; that it is needed is told at its field.
    if (body.title === '') return
    const request = new AbortController()
    asked = request
    checking.value = true
    const sent = JSON.parse(JSON.stringify(draft.value)) as DraftState
    try {
      const { data } = await checkDraft({
        path: { product_id: productId, listing_id: base.value.id },
        body: { ...body, ui_language: locale.value },
        signal: request.signal,
        throwOnError: true,
      })
      if (asked === request) take(data, sent)
    } catch (error) {
      if (asked === request && !request.signal.aborted) checkProblem.value = toProblemError(error)
    } finally {
      if (asked === request) checking.value = false
    }
  }

  const checkSoon = useDebounceFn(check, CHECK_AFTER_MS)
  watch(
    draft,
    (value) => {
      if (dirty.value) keepTyped(productId, { base: base.value, draft: value })
      else discard()
      saveProblem.value = null
      void checkSoon()
    },
    { deep: true },
  )
  if (kept) void check()
  onScopeDispose(() => asked?.abort())

  async function newest(): Promise<ListingRead | undefined> {
    const { data } = await listListings({ path: { product_id: productId }, throwOnError: true })
    return data.find(({ language }) => language === base.value.language)
  }

  /** The new version; null when it could not be saved, which is told beside the text. Throws nothing. */
  async function save(): Promise<ListingRead | null> {
    const against = theirs.value ?? base.value
    const body = changes.value
    if (body === null) return against
    saving.value = true
    saveProblem.value = null
    try {
      const { data } = await editListing({
        path: { product_id: productId, listing_id: against.id },
        headers: { 'If-Match': against.etag },
        body: { ...body, ui_language: locale.value },
        throwOnError: true,
      })
      discard()
      toast.add({ title: t('listing.edit.saved', { version: data.version }), icon: 'i-lucide-check', color: 'success' })
      return data
    } catch (error) {
      const problem = toProblemError(error)
      if (problem.status === 412 || problem.type === SUPERSEDED) {
        theirs.value = (await newest().catch(() => undefined)) ?? null
        if (theirs.value) return null
      }
      saveProblem.value = problem
      return null
    } finally {
      saving.value = false
    }
  }

  function discard(): void {
    sessionStorage.removeItem(keyOf(productId, base.value.language))
  }

  return {
    base,
    draft,
    theirs,
    restored,
    dirty,
    changes,
    claims,
    grounding,
    warnings,
    facts,
    checked,
    checking,
    checkProblem,
    saving,
    saveProblem,
    check,
    save,
    discard,
  }
}

export type ListingEdit = ReturnType<typeof useListingEdit>
