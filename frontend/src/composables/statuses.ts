import type { ProductRead, RunRead } from '@/api/generated'

type Color = 'neutral' | 'info' | 'warning' | 'success' | 'error'

interface Appearance {
  color: Color
  icon: string
}

export const PRODUCT_STATUSES = [
  'draft',
  'enriching',
  'needs_review',
  'approved',
] as const satisfies readonly ProductRead['status'][]

export const PRODUCT_APPEARANCE: Record<ProductRead['status'], Appearance> = {
  draft: { color: 'neutral', icon: 'i-lucide-circle-dashed' },
  enriching: { color: 'info', icon: 'i-lucide-loader-circle' },
  needs_review: { color: 'warning', icon: 'i-lucide-eye' },
  approved: { color: 'success', icon: 'i-lucide-circle-check' },
}

export const RUN_APPEARANCE: Record<RunRead['status'], Appearance> = {
  queued: { color: 'neutral', icon: 'i-lucide-clock' },
  running: { color: 'info', icon: 'i-lucide-loader-circle' },
  waiting: { color: 'warning', icon: 'i-lucide-hourglass' },
  paused: { color: 'neutral', icon: 'i-lucide-pause' },
  succeeded: { color: 'success', icon: 'i-lucide-circle-check' },
  partial: { color: 'warning', icon: 'i-lucide-triangle-alert' },
  failed: { color: 'error', icon: 'i-lucide-circle-x' },
  cancelled: { color: 'neutral', icon: 'i-lucide-ban' },
}

const ACTIVE_RUNS: ReadonlySet<RunRead['status']> = new Set(['queued', 'running', 'waiting', 'paused'])

export function isActive(status: RunRead['status'] | undefined): boolean {
  return status !== undefined && ACTIVE_RUNS.has(status)
}
