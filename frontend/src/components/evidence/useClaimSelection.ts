import { computed, ref, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { Claim } from '@/api/generated'

export interface ClaimSelection {
  pinned: Ref<string | null>
  shown: ComputedRef<Claim | null>
  /** Show while the pointer or the focus is there. */
  preview: (id: string | null) => void
  /** Keep showing; a second time lets go. */
  toggle: (id: string) => void
  clear: () => void
}

export const CLAIM_SELECTION: InjectionKey<ClaimSelection> = Symbol('claim selection')

/** Which claim's evidence is shown: the one that is pointed at, else the one that was clicked. */
export function useClaimSelection(claims: () => Claim[]): ClaimSelection {
  const pinned = ref<string | null>(null)
  const pointed = ref<string | null>(null)
  const shown = computed(() => {
    const id = pinned.value ?? pointed.value
    return claims().find((claim) => claim.id === id) ?? null
  })
  return {
    pinned,
    shown,
    // What was pointed at last stays, so that its sources can be reached with the pointer.
    preview: (id) => (pointed.value = id ?? pointed.value),
    toggle: (id) => (pinned.value = pinned.value === id ? null : id),
    clear: () => {
      pinned.value = null
      pointed.value = null
    },
  }
}
