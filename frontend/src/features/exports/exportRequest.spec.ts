import { describe, expect, it } from 'vitest'
import { chosenOf, emptyForm, requestOf, templateProblem } from './exportRequest'

const form = emptyForm('es')

describe('requestOf', () => {
  it('sends only the options that the format has', () => {
    const options = { ...form.options, currency: 'EUR', legacy_header: true }
    expect(requestOf({ ...form, options }, null)).toEqual({
      name: null,
      format: 'shopify',
      language: 'es',
      scope: 'approved',
      filter: null,
      product_ids: null,
      options: { currency: 'EUR', texts: 'approved', legacy_header: true },
    })
    expect(requestOf({ ...form, format: 'json', options }, null).options).toEqual({ texts: 'approved' })
  })

  it('names the chosen products', () => {
    expect(requestOf(form, { ids: ['a'], filter: null, count: 1 })).toMatchObject({ product_ids: ['a'], filter: null })
  })

  it('takes a blank template for none', () => {
    const options = { ...form.options, product_url_template: ' ' }
    expect(requestOf({ ...form, format: 'google', options }, null).options?.product_url_template).toBeNull()
  })
})

describe('templateProblem', () => {
  it.each([
    ['', null],
    ['https://shop.example/{handle}', null],
    ['shop.example/{handle}', 'address'],
    ['https://shop.example/products', 'place'],
  ])('of %j is %j', (template, problem) => {
    const options = { ...form.options, product_url_template: template }
    expect(templateProblem({ ...form, format: 'google', options })).toBe(problem)
    expect(templateProblem({ ...form, options })).toBeNull()
  })
})

describe('chosenOf', () => {
  it('finds ids and filters', () => {
    expect(chosenOf({ products: { ids: ['a', 3], count: 2 } })).toEqual({ ids: ['a'], filter: null, count: 2 })
    expect(chosenOf({ products: { filter: '{"brand":["Ovara"]}', count: 9 } })).toEqual({
      ids: null,
      filter: { brand: ['Ovara'] },
      count: 9,
    })
  })

  it.each([null, {}, { products: 1 }, { products: {} }])('finds nothing in %j', (state) => {
    expect(chosenOf(state)).toBeNull()
  })
})
