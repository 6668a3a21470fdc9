const KNOWN: Record<string, string> = {
  name: 'fields.name',
  brand: 'fields.brand',
  category: 'fields.category',
  gtin: 'fields.gtin',
  price: 'fields.price',
  sku: 'fields.sku',
}

/** The text key of one of the merchant's fields; an attribute keeps the name that the merchant gave it. */
export function fieldLabelKey(ref: string): { key: string | null; name: string } {
  const key = KNOWN[ref] ?? null
  return { key, name: ref.replace(/^attributes\./, '') }
}
