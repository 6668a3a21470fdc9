import { z } from 'zod'
import type { ProductCreate, ProductRead } from '@/api/generated'
import { fieldName, type ProblemError } from '@/api/problem'
import { isValidGtin } from '@/composables/gtin'

// The page's policy forbids making code from text, which zod would try for speed.
z.config({ jitless: true })

export interface ProductFormState {
  sku: string
  name: string
  brand: string
  category: string
  gtin: string
  price: { amount: string; currency: string }
  attributes: { name: string; value: string; unit: string }[]
  languages: string[]
  source_urls: string
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
    attributes: product.attributes.map(({ name, value, unit }) => ({ name, value, unit: unit ?? '' })),
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
    attributes: state.attributes.map(({ name, value, unit }) => ({
      name: name.trim(),
      value: value.trim(),
      unit: unit.trim() || null,
    })),
    languages: state.languages,
  }
}

/** The server's rules, told before the request; the server remains the judge. */
export function productFormSchema(t: (key: string) => string) {
  const required = (max: number) => z.string().trim().min(1, t('form.required')).max(max, t('form.tooLong'))
  const optional = (max: number) => z.string().trim().max(max, t('form.tooLong'))
  return z.object({
    sku: required(200),
    name: required(500),
    brand: optional(500),
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
    attributes: z.array(z.object({ name: required(200), value: required(2000), unit: optional(50) })),
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

/** The server's refusals at their fields; `rest` fits no field and is told above the form. */
export function fieldErrors(error: ProblemError, t: (key: string) => string): { fields: FieldError[]; rest: string[] } {
  if (error.type === '/problems/sku-taken')
    return { fields: [{ name: 'sku', message: t('problems.sku-taken.title') }], rest: [] }
  const fields: FieldError[] = []
  const rest: string[] = []
  for (const { pointer, detail } of error.errors) {
    const name = pointer ? fieldName(pointer) : ''
    if (name === '') rest.push(detail)
    else fields.push({ name: name.startsWith('source_urls') ? 'source_urls' : name, message: detail })
  }
  return { fields, rest }
}
