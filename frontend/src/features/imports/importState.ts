import type { ImportRead } from '@/api/generated'

export type ImportStatus = ImportRead['status']

export const FORMATS = [
  'generic',
  'shopify',
  'shopify-legacy',
  'woocommerce',
  'google',
] as const satisfies readonly ImportRead['format'][]

/** The encodings that files come in; the server knows more, and finds out by itself. */
export const ENCODINGS = [
  'utf-8',
  'utf-8-sig',
  'utf-16',
  'cp1252',
  'iso8859-1',
  'iso8859-15',
  'cp1250',
  'cp1251',
  'cp1253',
  'cp1254',
  'mac-roman',
  'shift_jis',
  'gb18030',
  'big5',
] as const

export const DELIMITERS = [',', ';', '\t', '|'] as const

export const IGNORE = 'ignore'
export const EXTRA = 'extra'
export const ATTRIBUTE = 'attribute:'

export function isUnderWay(status: ImportStatus | undefined): boolean {
  return status === 'queued' || status === 'running'
}

export const APPEARANCE = {
  ready: { color: 'neutral', icon: 'i-lucide-circle-dashed' },
  queued: { color: 'neutral', icon: 'i-lucide-clock' },
  running: { color: 'info', icon: 'i-lucide-loader-circle' },
  succeeded: { color: 'success', icon: 'i-lucide-circle-check' },
  partial: { color: 'warning', icon: 'i-lucide-triangle-alert' },
  failed: { color: 'error', icon: 'i-lucide-circle-x' },
  cancelled: { color: 'neutral', icon: 'i-lucide-ban' },
} as const satisfies Record<ImportStatus, { color: string; icon: string }>

/** How far it is, from 0 to 1; null before the first row. */
export function shareOf({ status, rows_read, rows_estimated }: ImportRead): number | null {
  if (status === 'queued' || rows_estimated === 0 || rows_read === 0) return null
  return Math.min(1, rows_read / rows_estimated)
}

/** A column's place among the offered fields: the fields, an attribute of its own name, extra, ignore. */
export function targetsFor(column: string, fields: readonly string[], mappedTo: string): string[] {
  const own = `${ATTRIBUTE}${column}`
  const named = fields.filter((field) => field !== EXTRA && field !== IGNORE)
  return [...new Set([...named, own, mappedTo, EXTRA, IGNORE])]
}

export const OUTCOMES = ['created', 'updated', 'unchanged', 'skipped', 'failed', 'warned'] as const
