import type { AuditEventRead } from '@/api/generated'

export const ACTIONS = [
  'insert',
  'update',
  'delete',
  'sign_in',
  'sign_in_failed',
  'password_set',
  'password_changed',
  'password_reset_link',
  'sessions_ended',
] as const

/** The tables whose changes are logged. */
export const TABLES = [
  'products',
  'product_images',
  'source_pages',
  'fact_decisions',
  'listings',
  'comments',
  'imports',
  'exports',
  'photo_archives',
  'settings_documents',
  'users',
  'invitations',
  'api_keys',
] as const

type Event = Pick<AuditEventRead, 'action' | 'table' | 'before' | 'after'>

export interface Change {
  column: string
  /** Undefined where there was no row before, or is none after. */
  before: unknown
  after: unknown
}

/** Which row it is shows elsewhere; these only repeat it. */
const REPEATED = new Set(['id', 'product_id'])
/** What names a row, the best first. */
const NAMES = ['name', 'email', 'title', 'file_name', 'url', 'sku', 'key']

/** The columns of an event in a steady order, those that hold nothing left out of new and deleted rows. */
export function changesOf({ action, before, after }: Event): Change[] {
  const columns = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort()
  return columns
    .map((column) => ({ column, before: before?.[column], after: after?.[column] }))
    .filter(
      (change) =>
        action === 'update' || !(REPEATED.has(change.column) || (isEmpty(change.before) && isEmpty(change.after))),
    )
}

/** What people call the row, where the event itself says it. */
export function subjectOf({ before, after }: Event): string | null {
  for (const row of [after, before]) {
    for (const column of NAMES) {
      const value = row?.[column]
      if (typeof value === 'string' && value.trim() !== '') return value
    }
  }
  return null
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Values that hold the id of a person. */
export function namesPerson(column: string): boolean {
  return /^(assignee|user|actor|author|decided_by)_id$|^invited_by$/.test(column)
}

/** Very long columns of a new row are logged by their hash. */
export function isHash(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'sha256'
}

export interface Words {
  yes: string
  no: string
  longText: string
  /** A moment in the reader's way of writing. */
  moment: (value: string) => string
  person: (id: string) => string | undefined
  /** A value that has words of its own, such as a role. */
  known: (column: string, value: string) => string | undefined
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

/** A value as people read it; empty where there is nothing. */
export function readable(column: string, value: unknown, words: Words): string {
  if (isEmpty(value)) return ''
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'string') {
    if (MOMENT.test(value)) return words.moment(value)
    return (namesPerson(column) ? words.person(value) : words.known(column, value)) ?? value
  }
  if (typeof value !== 'object' || value === null) return String(value)
  if (isHash(value)) return words.longText
  if (Array.isArray(value)) {
    const parts = value.map((part) => readable(column, part, words))
    return value.some((part) => typeof part === 'object' && part !== null) ? parts.join('\n') : parts.join(', ')
  }
  return readableObject(value as Record<string, unknown>, words)
}

function readableObject(value: Record<string, unknown>, words: Words): string {
  const { name, value: content, unit } = value
  if (typeof name === 'string' && content !== undefined)
    return `${name}: ${[content, unit].filter((part) => !isEmpty(part)).join(' ')}`
  return Object.entries(value)
    .filter(([, part]) => !isEmpty(part))
    .map(([key, part]) => {
      const text = readable(key, part, words)
      return text.includes('\n') ? `${key}:\n${text.replace(/^/gm, '  ')}` : `${key}: ${text}`
    })
    .join('\n')
}

export interface Segment {
  text: string
  changed: boolean
}

const CONTEXT = 60

/** Two texts, with the part marked in which they differ; of long ones little is shown around it. */
export function compared(before: string, after: string): { before: Segment[]; after: Segment[] } {
  const shortest = Math.min(before.length, after.length)
  let start = 0
  while (start < shortest && before[start] === after[start]) start++
  let end = 0
  while (end < shortest - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  // Whole words: half a word that is marked is hard to read.
  while (start > 0 && isInsideWord(before, after, start)) start--
  while (end > 0 && isInsideWord(before, after, before.length - end, after.length - end)) end--
  const cut = (text: string): Segment[] =>
    [
      { text: shortened(text.slice(0, start), 'start'), changed: false },
      { text: text.slice(start, text.length - end), changed: true },
      { text: shortened(text.slice(text.length - end), 'end'), changed: false },
    ].filter((segment) => segment.text !== '')
  return { before: cut(before), after: cut(after) }
}

function isInsideWord(before: string, after: string, at: number, atAfter: number = at): boolean {
  const joins = (text: string, index: number) => /[\p{L}\p{N}]{2}/u.test(text.slice(Math.max(0, index - 1), index + 1))
  return joins(before, at) || joins(after, atAfter)
}

function shortened(text: string, side: 'start' | 'end'): string {
  if (text.length <= CONTEXT * 2) return text
  return side === 'start' ? `…${text.slice(-CONTEXT)}` : `${text.slice(0, CONTEXT)}…`
}
