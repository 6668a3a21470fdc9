import type { ListingRead } from '@/api/generated'

export const LISTING_APPEARANCE = {
  needs_review: { color: 'warning', icon: 'i-lucide-eye' },
  approved: { color: 'success', icon: 'i-lucide-circle-check' },
  rejected: { color: 'error', icon: 'i-lucide-circle-x' },
  superseded: { color: 'neutral', icon: 'i-lucide-history' },
} as const satisfies Record<ListingRead['status'], { color: string; icon: string }>

export const AUTHOR_ICONS: Record<ListingRead['author_kind'], string> = {
  ai: 'i-lucide-sparkles',
  human: 'i-lucide-user-round',
  import: 'i-lucide-file-input',
}
