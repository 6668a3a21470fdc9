import { computed, inject, provide, ref, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { FactSource, ImageLocator, ImageRead, WebLocator } from '@/api/generated'
import type { Box } from './crop'

export interface ImageTarget {
  sha256: string
  box: Box | null
}

export interface SnapshotTarget {
  sha256: string
  url: string
  start: number | null
  end: number | null
}

export function imageHash(source: FactSource): string {
  return source.source.ref.replace(/^sha256:/, '')
}

export function boxOf(source: FactSource): Box | null {
  const locator = source.source.locator
  return locator && 'box' in locator ? (locator as ImageLocator).box : null
}

export function rangeOf(source: FactSource): { start: number; end: number } | null {
  const locator = source.source.locator
  return locator && 'start' in locator ? (locator as WebLocator) : null
}

interface Evidence {
  imageOf: (sha256: string) => ImageRead | undefined
  shownImage: Ref<ImageTarget | null>
  shownSnapshot: Ref<SnapshotTarget | null>
}

const KEY: InjectionKey<Evidence> = Symbol('evidence')

/** The product page owns the two viewers; whoever shows a source opens them. */
export function provideEvidence(images: Ref<ImageRead[] | undefined>): Evidence {
  const bySha: ComputedRef<Map<string, ImageRead>> = computed(
    () => new Map((images.value ?? []).map((image) => [image.sha256, image])),
  )
  const evidence: Evidence = {
    imageOf: (sha256) => bySha.value.get(sha256),
    shownImage: ref(null),
    shownSnapshot: ref(null),
  }
  provide(KEY, evidence)
  return evidence
}

export function useEvidence(): Evidence {
  const evidence = inject(KEY)
  if (!evidence) throw new Error('no product page around this component')
  return evidence
}
