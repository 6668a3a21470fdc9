import type { CatalogueFilter, ExportOptions, ExportRequest } from '@/api/generated'

export type ExportFormat = ExportRequest['format']
export type Scope = NonNullable<ExportRequest['scope']>

/** What is chosen first; some have a second choice, of how the file is written. */
export const TARGETS = [
  { key: 'shopify', icon: 'i-lucide-shopping-bag', formats: ['shopify'] },
  { key: 'woocommerce', icon: 'i-lucide-store', formats: ['woocommerce'] },
  { key: 'google', icon: 'i-lucide-megaphone', formats: ['google', 'google-xml'] },
  { key: 'generic', icon: 'i-lucide-file-spreadsheet', formats: ['generic'] },
  { key: 'json', icon: 'i-lucide-braces', formats: ['json', 'json-lines'] },
] as const satisfies readonly { key: string; icon: string; formats: readonly ExportFormat[] }[]

export type TargetKey = (typeof TARGETS)[number]['key']

export const SCOPES = ['approved', 'all', 'changed'] as const satisfies readonly Scope[]
export const AVAILABILITIES = ['in_stock', 'out_of_stock', 'preorder', 'backorder'] as const

/** Products that were selected in the list; they come along in the browser's history. */
export interface ChosenProducts {
  ids: string[] | null
  filter: CatalogueFilter | null
  count: number
}

export interface ExportForm {
  format: ExportFormat
  language: string
  scope: Scope
  name: string
  options: Required<Omit<ExportOptions, 'formula_guard'>>
}

export const MAX_IDS = 10_000

export function emptyForm(language: string): ExportForm {
  return {
    format: 'shopify',
    language,
    scope: 'approved',
    name: '',
    options: {
      legacy_header: false,
      currency: null,
      product_url_template: null,
      texts: 'approved',
      availability: 'in_stock',
      attribute_columns: false,
    },
  }
}

/** Which options a format has. */
export const OPTIONS: Record<ExportFormat, readonly (keyof ExportForm['options'])[]> = {
  shopify: ['currency', 'texts', 'legacy_header'],
  woocommerce: ['currency', 'texts'],
  google: ['product_url_template', 'availability', 'texts'],
  'google-xml': ['product_url_template', 'availability', 'texts'],
  generic: ['texts', 'attribute_columns'],
  json: ['texts'],
  'json-lines': ['texts'],
}

export function requestOf(form: ExportForm, chosen: ChosenProducts | null): ExportRequest {
  const options = Object.fromEntries(OPTIONS[form.format].map((name) => [name, form.options[name]]))
  return {
    name: form.name.trim() || null,
    format: form.format,
    language: form.language,
    scope: form.scope,
    filter: chosen?.filter ?? null,
    product_ids: chosen?.ids ?? null,
    options: { ...options, ...('product_url_template' in options ? { product_url_template: templateOf(form) } : {}) },
  }
}

function templateOf({ options }: ExportForm): string | null {
  return options.product_url_template?.trim() || null
}

/** Why the template would be refused, as the name of its text; null when it is fine. */
export function templateProblem(form: ExportForm): 'address' | 'place' | null {
  const template = OPTIONS[form.format].includes('product_url_template') ? templateOf(form) : null
  if (template === null) return null
  if (!/^https?:\/\/\S+$/.test(template)) return 'address'
  return template.includes('{sku}') || template.includes('{handle}') ? null : 'place'
}

/** What the list of products has put into the history; null where it is nothing of the kind. */
export function chosenOf(state: unknown): ChosenProducts | null {
  if (typeof state !== 'object' || state === null || !('products' in state)) return null
  const { products } = state
  if (typeof products !== 'object' || products === null) return null
  const count = 'count' in products && typeof products.count === 'number' ? products.count : 0
  if ('ids' in products && Array.isArray(products.ids)) {
    return { ids: products.ids.filter((id): id is string => typeof id === 'string'), filter: null, count }
  }
  if (!('filter' in products) || typeof products.filter !== 'string') return null
  return { ids: null, filter: JSON.parse(products.filter) as CatalogueFilter, count }
}
