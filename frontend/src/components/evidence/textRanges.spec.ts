import { describe, expect, it } from 'vitest'
import { excerptOf, findQuote, segmentText } from './textRanges'

describe('segmentText', () => {
  it('cuts a text into claims and what stands between them', () => {
    const segments = segmentText('One. Two.', [
      { start: 0, end: 4, value: 'a' },
      { start: 5, end: 9, value: 'b' },
    ])
    expect(segments).toEqual([
      { text: 'One.', values: ['a'] },
      { text: ' ', values: [] },
      { text: 'Two.', values: ['b'] },
    ])
  })

  it('counts characters, not UTF-16 units', () => {
    expect(segmentText('☕🫖 Tea', [{ start: 3, end: 6, value: 'tea' }]).at(-1)).toEqual({
      text: 'Tea',
      values: ['tea'],
    })
  })

  it('shows what overlaps in both', () => {
    const segments = segmentText('abcdef', [
      { start: 0, end: 4, value: 1 },
      { start: 2, end: 6, value: 2 },
    ])
    expect(segments.map(({ text, values }) => [text, values])).toEqual([
      ['ab', [1]],
      ['cd', [1, 2]],
      ['ef', [2]],
    ])
  })

  it('never loses a character, whatever the offsets', () => {
    const text = 'Grüße 👩‍🍳!'
    const ranges = [-5, 0, 2, 7, 99].flatMap((start) => [-1, 1, 8, 500].map((end) => ({ start, end, value: 0 })))
    expect(
      segmentText(text, ranges)
        .map((segment) => segment.text)
        .join(''),
    ).toBe(text)
  })

  it('has nothing to show of an empty text', () => {
    expect(segmentText('', [{ start: 0, end: 3, value: 0 }])).toEqual([])
  })
})

describe('excerptOf', () => {
  it('marks the quote and cuts its surroundings at words', () => {
    const text = `${'word '.repeat(50)}Capacity: 1.7 l ${'more '.repeat(50)}`
    const start = text.indexOf('Capacity')
    const excerpt = excerptOf(text, start, start + 15, 12)
    expect(excerpt).toEqual({ before: '…word word ', quote: 'Capacity: 1.7 l', after: ' more more…' })
  })

  it('shows the whole text when it is short', () => {
    expect(excerptOf('a b c', 2, 3)).toEqual({ before: 'a ', quote: 'b', after: ' c' })
  })

  it('survives offsets beyond the text', () => {
    expect(excerptOf('abc', 10, 20)).toEqual({ before: 'abc', quote: '', after: '' })
  })
})

describe('findQuote', () => {
  it('finds a quote behind an emoji', () => {
    expect(findQuote('🫖 kettle', 'kettle')).toEqual({ start: 2, end: 8 })
  })

  it('finds none where the page does not say it', () => {
    expect(findQuote('kettle', 'pan')).toBeNull()
    expect(findQuote('kettle', '')).toBeNull()
  })
})
