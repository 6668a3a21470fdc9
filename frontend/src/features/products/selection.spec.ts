import { describe, expect, it } from 'vitest'
import { inChunks, isSelected, NOTHING, toggled, without, withRange } from './selection'

const loaded = ['a', 'b', 'c', 'd']

describe('selection', () => {
  it('takes a row in, and out again', () => {
    const one = toggled(NOTHING, 'b', loaded)
    expect([...one.ids]).toEqual(['b'])
    expect(toggled(one, 'b', loaded).ids.size).toBe(0)
  })

  it('keeps the loaded others when one is taken out of all', () => {
    const rest = toggled({ ids: new Set(), all: true }, 'a', loaded)
    expect(rest).toEqual({ ids: new Set(['b', 'c', 'd']), all: false })
  })

  it('takes a range in, in either direction', () => {
    expect([...withRange(NOTHING, loaded, 2, 1).ids]).toEqual(['b', 'c'])
  })

  it('knows that all is all', () => {
    expect(isSelected({ ids: new Set(), all: true }, 'never loaded')).toBe(true)
  })

  it('forgets what is gone', () => {
    expect([...without({ ids: new Set(['a', 'b']), all: false }, new Set(['a'])).ids]).toEqual(['b'])
  })
})

describe('inChunks', () => {
  it('leaves nothing out', () => {
    expect(inChunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(inChunks([], 2)).toEqual([])
  })
})
