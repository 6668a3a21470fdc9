import type { ProductRead } from '@/api/generated'

const COMPARED = [
  'name',
  'sku',
  'gtin',
  'brand',
  'category',
  'price',
  'languages',
  'attributes',
  'keywords',
  'tags',
] as const

export interface FieldChange {
  field: (typeof COMPARED)[number]
  before: unknown
  after: unknown
}

/** What somebody else changed between two versions of a product. */
export function changedFields(before: ProductRead, after: ProductRead): FieldChange[] {
  return COMPARED.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])).map((field) => ({
    field,
    before: before[field],
    after: after[field],
  }))
}
