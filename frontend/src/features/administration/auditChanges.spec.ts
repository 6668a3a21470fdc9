import { describe, expect, it } from 'vitest'
import { changesOf, compared, readable, subjectOf, type Words } from './auditChanges'

const words: Words = {
  yes: 'yes',
  no: 'no',
  longText: 'long text',
  moment: (value) => `at ${value.slice(0, 10)}`,
  person: (id) => (id === 'u1' ? 'Ana' : undefined),
  known: (column, value) => (column === 'role' && value === 'admin' ? 'Administrator' : undefined),
}

describe('changesOf', () => {
  it('of an update are the columns that changed, also to nothing', () => {
    const event = {
      action: 'update',
      table: 'products',
      before: { name: 'A', brand: 'B' },
      after: { name: 'C', brand: null },
    }
    expect(changesOf(event)).toEqual([
      { column: 'brand', before: 'B', after: null },
      { column: 'name', before: 'A', after: 'C' },
    ])
  })

  it('of a new row leave out what is empty or repeats which row it is', () => {
    const event = {
      action: 'insert',
      table: 'products',
      before: null,
      after: { id: '1', name: 'A', brand: null, tags: [] },
    }
    expect(changesOf(event)).toEqual([{ column: 'name', before: undefined, after: 'A' }])
  })
})

describe('subjectOf', () => {
  it.each([
    [{ before: null, after: { sku: 'S', name: 'Mug' } }, 'Mug'],
    [{ before: { email: 'a@example.com' }, after: null }, 'a@example.com'],
    [{ before: { status: 'draft' }, after: { status: 'approved' } }, null],
  ])('of %j is %j', (rows, name) => {
    expect(subjectOf({ action: 'update', table: 'x', ...rows })).toBe(name)
  })
})

describe('readable', () => {
  it.each([
    ['name', null, ''],
    ['active', false, 'no'],
    ['version', 3, '3'],
    ['role', 'admin', 'Administrator'],
    ['role', 'pilot', 'pilot'],
    ['assignee_id', 'u1', 'Ana'],
    ['assignee_id', 'u2', 'u2'],
    ['deleted_at', '2026-03-01T12:00:00+00:00', 'at 2026-03-01'],
    ['tags', ['red', 'blue'], 'red, blue'],
    ['attributes', [{ name: 'Volume', value: '330', unit: 'ml' }], 'Volume: 330 ml'],
    ['content', { sha256: 'ab' }, 'long text'],
    ['options', { dry_run: true, columns: ['a', 'b'] }, 'dry_run: yes\ncolumns: a, b'],
  ])('%s %j', (column, value, text) => {
    expect(readable(column, value, words)).toBe(text)
  })
})

describe('compared', () => {
  it('marks whole words', () => {
    expect(compared('a red mug', 'a read mug')).toEqual({
      before: [
        { text: 'a ', changed: false },
        { text: 'red', changed: true },
        { text: ' mug', changed: false },
      ],
      after: [
        { text: 'a ', changed: false },
        { text: 'read', changed: true },
        { text: ' mug', changed: false },
      ],
    })
  })

  it('shows little around the change of a long text', () => {
    const { before } = compared(`${'x '.repeat(200)}old end`, `${'x '.repeat(200)}new end`)
    expect(before[0]?.text.length).toBeLessThan(70)
    expect(before[0]?.text.startsWith('…')).toBe(true)
    expect(before[1]).toEqual({ text: 'old', changed: true })
  })

  it.each([
    ['', 'new'],
    ['old', ''],
    ['same', 'same'],
  ])('keeps %j and %j whole', (before, after) => {
    const result = compared(before, after)
    const whole = (segments: { text: string }[]) => segments.map(({ text }) => text).join('')
    expect([whole(result.before), whole(result.after)]).toEqual([before, after])
  })
})
