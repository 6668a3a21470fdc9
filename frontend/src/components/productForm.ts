import { z } from 'zod'
import type { ProductAttribute, ProductCreate, ProductRead } from '@/api/generated'
import { fieldName, type ProblemError } from '@/api/problem'
import { isValidGtin } from '@/composables/gtin'

// The page's policy forbids making code from text, which zod would try for speed.
z.config({ jitless: true })

export const ATTRIBUTE_TYPES = ['text', 'number', 'boolean', 'list'] as const satisfies readonly NonNullable<
  ProductAttribute['type']
>[]

export type AttributeType = (typeof ATTRIBUTE_TYPES)[number]

/** An attribute being edited. Each type has its own value, so that trying another type loses nothing. */
export interface AttributeState {
  name: string
  type: AttributeType
  value: string
  flag: boolean
  items: string[]
  unit: string
}

export interface ProductFormState {
  sku: string
  name: string
  brand: string
  category: string
  gtin: string
  price: { amount: string; currency: string }
  attributes: AttributeState[]
  keywords: string[]
  tags: string[]
  languages: string[]
  source_urls: string
}

export function emptyAttribute(): AttributeState {
  return { name: '', type: 'text', value: '', flag: true, items: [], unit: '' }
}

export function hasUnit(type: AttributeType): boolean {
  return type === 'text' || type === 'number'
}

function attributeState({ name, type, value, unit }: ProductAttribute): AttributeState {
  return {
    ...emptyAttribute(),
    name,
    type: type ?? 'text',
    unit: unit ?? '',
    ...(typeof value === 'boolean' ? { flag: value } : Array.isArray(value) ? { items: [...value] } : { value }),
  }
}

function attributeBody({ name, type, value, flag, items, unit }: AttributeState): ProductAttribute {
  const values = { text: value.trim(), number: normalisedAmount(value), boolean: flag, list: items }
  return { name: name.trim(), type, value: values[type], unit: (hasUnit(type) && unit.trim()) || null }
}

export function emptyForm(): ProductFormState {
  return {
    sku: '',
    name: '',
    brand: '',
    category: '',
    gtin: '',
    price: { amount: '', currency: 'EUR' },
    attributes: [],
    keywords: [],
    tags: [],
    languages: ['en'],
    source_urls: '',
  }
}

export function formOf(product: ProductRead): ProductFormState {
  return {
    sku: product.sku,
    name: product.name,
    brand: product.brand ?? '',
    category: product.category ?? '',
    gtin: product.gtin ?? '',
    price: { amount: product.price?.amount ?? '', currency: product.price?.currency ?? 'EUR' },
    attributes: product.attributes.map(attributeState),
    keywords: [...product.keywords],
    tags: [...product.tags],
    languages: [...product.languages],
    source_urls: '',
  }
}

/** One URL a line; blank lines mean nothing. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** A decimal comma is what many of us type. */
export function normalisedAmount(amount: string): string {
  return amount.trim().replace(',', '.')
}

/** The fields as the API takes them, without source URLs. Empty text means "nothing". */
export function bodyOf(state: ProductFormState): Omit<ProductCreate, 'source_urls'> {
  const amount = normalisedAmount(state.price.amount)
  return {
    sku: state.sku.trim(),
    name: state.name.trim(),
    brand: state.brand.trim() || null,
    category: state.category.trim() || null,
    gtin: state.gtin.trim() || null,
    price: amount === '' ? null : { amount, currency: state.price.currency.trim().toUpperCase() },
    attributes: state.attributes.map(attributeBody),
    keywords: [...state.keywords],
    tags: [...state.tags],
    languages: state.languages,
  }
}

/** The places of attributes whose name an earlier one has already, whatever its case. */
export function repeatedNames(attributes: readonly { name: string }[]): number[] {
  const names = attributes.map(({ name }) => name.trim().toLowerCase())
  return names.flatMap((name, index) => (name !== '' && names.indexOf(name) < index ? [index] : []))
}

function attributesSchema(t: (key: string) => string) {
  const attribute = z
    .object({
      name: z.string().trim().min(1, t('form.required')).max(200, t('form.tooLong')),
      type: z.enum(ATTRIBUTE_TYPES),
      value: z.string().trim().max(2000, t('form.tooLong')),
      flag: z.boolean(),
      items: z.array(z.string().max(2000, t('form.tooLong'))).max(100, t('form.tooMany')),
      unit: z.string().trim().max(50, t('form.tooLong')),
    })
    .superRefine(({ type, value, items }, context) => {
      const refuse = (key: string) => context.addIssue({ code: 'custom', path: ['value'], message: t(key) })
      if (hasUnit(type) && value === '') refuse('form.required')
      else if (type === 'number' && !/^-?\d{1,30}(\.\d{1,30})?$/.test(normalisedAmount(value))) refuse('form.number')
      else if (type === 'list' && items.length === 0) refuse('form.required')
    })
  return z.array(attribute).superRefine((attributes, context) => {
    for (const index of repeatedNames(attributes))
      context.addIssue({ code: 'custom', path: [index, 'name'], message: t('form.repeatedName') })
  })
}

/** The server's rules, told before the request; the server remains the judge. */
export function productFormSchema(t: (key: string) => string) {
  const required = (max: number) => z.string().trim().min(1, t('form.required')).max(max, t('form.tooLong'))
  const optional = (max: number) => z.string().trim().max(max, t('form.tooLong'))
  return z.object({
    sku: required(200),
    name: required(500),
    brand: optional(200),
    category: optional(500),
    gtin: z
      .string()
      .trim()
      .refine((value) => value === '' || isValidGtin(value), t('form.gtin')),
    price: z.object({
      amount: z.string().refine((value) => /^(\d{1,12}(\.\d{1,6})?)?$/.test(normalisedAmount(value)), t('form.amount')),
      currency: z
        .string()
        .trim()
        .regex(/^[A-Za-z]{3}$/, t('form.currency')),
    }),
    attributes: attributesSchema(t),
    keywords: z.array(z.string().max(500, t('form.tooLong'))).max(100, t('form.tooMany')),
    tags: z.array(z.string().max(100, t('form.tooLong'))).max(100, t('form.tooMany')),
    languages: z
      .array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, t('form.language')))
      .min(1, t('form.languages')),
    source_urls: z
      .string()
      .refine((text) => linesOf(text).every((line) => /^https?:\/\/\S+$/.test(line)), t('form.url'))
      .refine((text) => linesOf(text).length <= 20, t('form.tooManyUrls')),
  })
}

export interface FieldError {
  name: string
  message: string
}

const WHOLE_FIELDS = ['source_urls', 'keywords', 'tags']

/** `keywords.3` → `keywords`, `attributes.1.value.0` → `attributes.1.value`: where the form shows it. */
function fieldOf(name: string): string {
  const whole = WHOLE_FIELDS.find((field) => name.startsWith(`${field}.`))
  return whole ?? name.replace(/^(attributes\.\d+)$/, '$1.value').replace(/^(attributes\.\d+\.\w+)\..*$/, '$1')
}

/** The server's refusals at their fields; `rest` fits no field and is told above the form. */
export function fieldErrors(error: ProblemError, t: (key: string) => string): { fields: FieldError[]; rest: string[] } {
  if (error.type === '/problems/sku-taken')
    return { fields: [{ name: 'sku', message: t('problems.sku-taken.title') }], rest: [] }
  const fields: FieldError[] = []
  const rest: string[] = []
  for (const { pointer, detail } of error.errors) {
    const name = pointer ? fieldName(pointer) : ''
    if (name === '') rest.push(detail)
    else fields.push({ name: fieldOf(name), message: detail })
  }
  return { fields, rest }
}
