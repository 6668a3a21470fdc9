import type { MergedFactRead } from '@/api/generated'

export const FACT_STATUSES = ['used', 'disputed', 'superseded', 'rejected'] as const satisfies readonly NonNullable<
  MergedFactRead['status']
>[]

export type FactStatus = (typeof FACT_STATUSES)[number]

export const FACT_APPEARANCE: Record<FactStatus, { color: 'success' | 'warning' | 'neutral' | 'error'; icon: string }> =
  {
    used: { color: 'success', icon: 'i-lucide-check' },
    disputed: { color: 'warning', icon: 'i-lucide-git-compare-arrows' },
    superseded: { color: 'neutral', icon: 'i-lucide-arrow-down-wide-narrow' },
    rejected: { color: 'error', icon: 'i-lucide-ban' },
  }

export function statusOf(fact: MergedFactRead): FactStatus {
  return fact.status ?? (fact.disputed ? 'disputed' : 'used')
}

/** A person stated it; it can be changed and deleted like any text of theirs. */
export function isHandMade(fact: MergedFactRead): boolean {
  return fact.decision?.kind === 'add' || fact.decision?.kind === 'edit'
}
