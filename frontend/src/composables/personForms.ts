import { fieldName, type ProblemError } from '@/api/problem'

/** As the server has it; which passwords are too well known is its to say. */
export const MIN_PASSWORD_LENGTH = 10

type Translate = (key: string) => string

export interface FieldError {
  name: string
  message: string
}

/** What is wrong with a value, in words; undefined where nothing is. */
export type Check<Value> = (value: Value) => string | undefined

/**
 * For `validate` of a form, with `validate-on` `input` and no delay: a message that vanished on leaving the field would
 * let what lies below move away from under a click, and a late check would wipe out what the server said.
 *
 * The sign-in page comes before everything else: these few rules are not worth a library there.
 */
export function checking<State extends object>(checks: { [Name in keyof State]?: Check<State[Name]> }) {
  return (state: Partial<State>): FieldError[] =>
    (Object.entries(checks) as [keyof State & string, Check<unknown>][]).flatMap(([name, check]) => {
      const message = check(state[name])
      return message === undefined ? [] : [{ name, message }]
    })
}

export function filled(t: Translate): Check<string> {
  return (value) => (value === '' ? t('form.required') : undefined)
}

export function newPassword(t: Translate): Check<string> {
  return (value) => {
    if (value === '') return t('form.required')
    return [...value.normalize('NFKC')].length < MIN_PASSWORD_LENGTH ? t('passwords.tooShort') : undefined
  }
}

const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*$/i

/** Near to the server's pattern: letters of ASCII alone, with or without a dot in the host. */
export function emailAddress(t: Translate): Check<string> {
  return (value) => {
    const address = value.trim()
    if (address === '') return t('form.required')
    return address.length <= 254 && EMAIL.test(address) ? undefined : t('passwords.email')
  }
}

export function personName(t: Translate): Check<string> {
  return (value) => {
    if (value.trim() === '') return t('form.required')
    return value.trim().length > 200 ? t('form.tooLong') : undefined
  }
}

/** Of a form that was not sent: go to the first field that is wrong. */
export function focusFirst({ errors }: { errors: { id?: string }[] }): void {
  const id = errors.find((error) => error.id !== undefined)?.id
  if (id !== undefined) document.getElementById(id)?.focus()
}

/** The server's refusals at the fields of a form that has these; empty where the problem is of another kind. */
export function refusalsAt(names: readonly string[], error: ProblemError, t: Translate): FieldError[] {
  const fields = error.errors
    .map(({ pointer, detail }) => ({ name: pointer ? fieldName(pointer) : '', message: detail }))
    .filter(({ name }) => names.includes(name))
  if (error.type !== '/problems/password-too-weak') return fields
  // In the reader's language; the server's sentence is English.
  return fields.map(({ name }) => ({ name, message: t('problems.password-too-weak.detail') }))
}
