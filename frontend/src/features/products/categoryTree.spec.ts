import { describe, expect, it } from 'vitest'
import { categoryTree, MOST_FACETS } from './categoryTree'

describe('categoryTree', () => {
  it('sums up what is below, and puts each category before it', () => {
    const facets = [
      { value: 'Kitchen > Mugs', count: 3 },
      { value: 'Garden', count: 1 },
      { value: 'Kitchen > Kettles > Enamel', count: 2 },
      { value: 'Kitchen', count: 4 },
    ]
    expect(categoryTree(facets).map(({ label, depth, count }) => [label, depth, count])).toEqual([
      ['Garden', 0, 1],
      ['Kitchen', 0, 9],
      ['Kettles', 1, 2],
      ['Enamel', 2, 2],
      ['Mugs', 1, 3],
    ])
  })

  it('keeps a category together whose name another one begins with', () => {
    const facets = ['Kitchen', 'Kitchen aids', 'Kitchen > Mugs'].map((value) => ({ value, count: 1 }))
    expect(categoryTree(facets).map(({ value }) => value)).toEqual(['Kitchen', 'Kitchen > Mugs', 'Kitchen aids'])
  })

  it('claims no sum where the server left some out', () => {
    const facets = Array.from({ length: MOST_FACETS }, (_, index) => ({ value: `All > ${index}`, count: 1 }))
    expect(categoryTree(facets)[0]).toMatchObject({ value: 'All', count: null })
    expect(categoryTree(facets)[1]).toMatchObject({ count: 1 })
  })
})
