import { describe, expect, it } from 'vitest'
import { ProblemError } from '@/api/problem'
import {
  bodyOf,
  emptyAttribute,
  emptyForm,
  fieldErrors,
  formOf,
  linesOf,
  productFormSchema,
  repeatedNames,
} from './productForm'

const t = (key: string) => key
const attribute = (changes: object) => ({ ...emptyAttribute(), name: 'Size', ...changes })
const filled = () => ({ ...emptyForm(), sku: ' A-1 ', name: 'Kettle' })

describe('bodyOf', () => {
  it('trims, and turns empty text into nothing', () => {
    expect(bodyOf(filled())).toMatchObject({ sku: 'A-1', brand: null, gtin: null, price: null })
  })

  it('takes a decimal comma', () => {
    expect(bodyOf({ ...filled(), price: { amount: '12,90', currency: 'eur' } }).price).toEqual({
      amount: '12.90',
      currency: 'EUR',
    })
  })

  it.each([
    [
      { type: 'text', value: ' M ', unit: '' },
      { type: 'text', value: 'M', unit: null },
    ],
    [
      { type: 'number', value: '12,5', unit: ' cm ' },
      { type: 'number', value: '12.5', unit: 'cm' },
    ],
    [
      { type: 'boolean', flag: false, unit: 'cm' },
      { type: 'boolean', value: false, unit: null },
    ],
    [
      { type: 'list', items: ['a', 'b'], value: 'c' },
      { type: 'list', value: ['a', 'b'], unit: null },
    ],
  ])('writes the attribute %j by its type', (state, body) => {
    expect(bodyOf({ ...filled(), attributes: [attribute(state)] }).attributes).toEqual([{ name: 'Size', ...body }])
  })
})

describe('formOf', () => {
  it('gives back what bodyOf writes', () => {
    const attributes = [
      { name: 'Size', type: 'text' as const, value: 'M', unit: null },
      { name: 'Height', type: 'number' as const, value: '12.5', unit: 'cm' },
      { name: 'Washable', type: 'boolean' as const, value: false, unit: null },
      { name: 'Colours', type: 'list' as const, value: ['red', 'blue'], unit: null },
    ]
    const fields = { ...bodyOf(filled()), attributes, keywords: ['mug'], tags: ['new'] }
    const product = { ...fields, id: '', status: 'draft', version: 1, created_at: '', updated_at: '' }
    expect(bodyOf(formOf(product as unknown as Parameters<typeof formOf>[0]))).toEqual(fields)
  })
})

describe('repeatedNames', () => {
  it('finds the later ones, whatever their case', () => {
    expect(repeatedNames([{ name: 'Size' }, { name: '' }, { name: ' size' }, { name: '' }])).toEqual([2])
  })
})

describe('productFormSchema', () => {
  const problemsOf = (changes: object) =>
    productFormSchema(t)
      .safeParse({ ...filled(), ...changes })
      .error?.issues.map(({ path }) => path.join('.')) ?? []

  it('accepts the least there can be', () => {
    expect(problemsOf({})).toEqual([])
  })

  it.each([
    [{ sku: '  ' }, 'sku'],
    [{ gtin: '4006381333932' }, 'gtin'],
    [{ price: { amount: '12.9.0', currency: 'EUR' } }, 'price.amount'],
    [{ attributes: [attribute({ value: '' })] }, 'attributes.0.value'],
    [{ attributes: [attribute({ type: 'number', value: 'many' })] }, 'attributes.0.value'],
    [{ attributes: [attribute({ type: 'list', value: 'x' })] }, 'attributes.0.value'],
    [{ attributes: [attribute({ value: 'M' }), attribute({ name: 'SIZE', value: 'L' })] }, 'attributes.1.name'],
    [{ tags: ['x'.repeat(101)] }, 'tags.0'],
    [{ languages: [] }, 'languages'],
    [{ source_urls: 'https://a.example\nftp://b.example' }, 'source_urls'],
  ])('refuses %j at %s', (changes, field) => {
    expect(problemsOf(changes)).toEqual([field])
  })
})

describe('linesOf', () => {
  it('leaves blank lines out', () => {
    expect(linesOf(' https://a.example \n\n https://b.example')).toEqual(['https://a.example', 'https://b.example'])
  })
})

describe('fieldErrors', () => {
  const refusal = (pointer: string) =>
    new ProblemError({ type: '/problems/invalid-request', title: '', status: 422, errors: [{ pointer, detail: 'no' }] })

  it('puts a refusal at its field', () => {
    expect(fieldErrors(refusal('#/attributes/1/name'), t).fields).toEqual([
      { name: 'attributes.1.name', message: 'no' },
    ])
    expect(fieldErrors(refusal('#/attributes/1/value/0'), t).fields[0]?.name).toBe('attributes.1.value')
    expect(fieldErrors(refusal('#/attributes/1'), t).fields[0]?.name).toBe('attributes.1.value')
    expect(fieldErrors(refusal('#/keywords/0'), t).fields[0]?.name).toBe('keywords')
    expect(fieldErrors(refusal('#/source_urls/3'), t).fields).toEqual([{ name: 'source_urls', message: 'no' }])
  })

  it('puts a taken SKU at the SKU', () => {
    const taken = new ProblemError({ type: '/problems/sku-taken', title: '', status: 409 })
    expect(fieldErrors(taken, t).fields[0]?.name).toBe('sku')
  })

  it('keeps what fits no field', () => {
    expect(fieldErrors(refusal('#'), t)).toEqual({ fields: [], rest: ['no'] })
  })
})
