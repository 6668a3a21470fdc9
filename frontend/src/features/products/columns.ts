import type { ProductSort } from '@/api/queries'

export interface Column {
  key: string
  /** In pixels. */
  width: number
  /** Rising and falling; a click on the heading takes them in this order. */
  sorts?: readonly [ProductSort, ProductSort]
  numeric?: boolean
}

/** What may be shown beside the product itself, in this order. */
export const COLUMNS = [
  { key: 'brand', width: 112 },
  { key: 'category', width: 180 },
  { key: 'status', width: 128 },
  { key: 'completeness', width: 116 },
  { key: 'listings', width: 88 },
  { key: 'conflicts', width: 108 },
  { key: 'price', width: 100, sorts: ['price', '-price'], numeric: true },
  { key: 'gtin', width: 132 },
  { key: 'tags', width: 150 },
  { key: 'assignee', width: 120 },
  { key: 'updated', width: 108, sorts: ['-updated_at', 'updated_at'] },
  { key: 'lastRun', width: 112 },
] as const satisfies readonly Column[]

export type ColumnKey = (typeof COLUMNS)[number]['key']

export const DEFAULT_COLUMNS: readonly ColumnKey[] = [
  'brand',
  'status',
  'completeness',
  'listings',
  'conflicts',
  'lastRun',
]
export const PRODUCT_SORTS = ['name', '-name'] as const satisfies readonly ProductSort[]
export const PRODUCT_WIDTH = 220

export const DENSITIES = ['comfortable', 'compact'] as const
export type Density = (typeof DENSITIES)[number]

/** In pixels; on a phone a row also has what the columns have elsewhere. */
export function rowHeight(density: Density, narrow: boolean): number {
  if (narrow) return 92
  return density === 'compact' ? 44 : 64
}
