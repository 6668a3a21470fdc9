import type { Source } from '@/api/generated'

export const SOURCE_KINDS = ['merchant', 'image', 'web'] as const satisfies readonly Source['kind'][]

export const SOURCE_ICONS: Record<Source['kind'], string> = {
  merchant: 'i-lucide-store',
  image: 'i-lucide-image',
  web: 'i-lucide-globe',
}
