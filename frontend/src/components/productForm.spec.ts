import { describe, expect, it } from 'vitest'
import { ProblemError } from '@/api/problem'
import { bodyOf, emptyForm, fieldErrors, linesOf, productFormSchema } from './productForm'

const t = (key: string) => key
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
    [{ attributes: [{ name: 'Size', value: '', unit: '' }] }, 'attributes.0.value'],
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
