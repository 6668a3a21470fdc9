import { describe, expect, it } from 'vitest'
import { ProblemError } from '@/api/problem'
import { checking, emailAddress, filled, newPassword, personName, refusalsAt } from './personForms'

const t = (key: string) => key

describe('checks', () => {
  it.each([
    ['', 'form.required'],
    ['short', 'passwords.tooShort'],
    ['walnut river', undefined],
    ['😀😀😀😀😀', 'passwords.tooShort'],
  ])('newPassword %j is %j', (value, message) => {
    expect(newPassword(t)(value)).toBe(message)
  })

  it.each([
    ['', 'form.required'],
    ['ana', 'passwords.email'],
    ['ana@', 'passwords.email'],
    ['añá@example.com', 'passwords.email'],
    [' Ana+shop@example.com ', undefined],
    ['owner@localhost', undefined],
  ])('emailAddress %j is %j', (value, message) => {
    expect(emailAddress(t)(value)).toBe(message)
  })

  it.each([
    ['  ', 'form.required'],
    ['x'.repeat(201), 'form.tooLong'],
    [' Ana ', undefined],
  ])('personName %j is %j', (value, message) => {
    expect(personName(t)(value)).toBe(message)
  })
})

describe('checking', () => {
  it('tells each field that is wrong', () => {
    const validate = checking<{ name: string; password: string }>({ name: personName(t), password: filled(t) })
    expect(validate({ name: '', password: 'x' })).toEqual([{ name: 'name', message: 'form.required' }])
    expect(validate({ name: 'Ana', password: 'x' })).toEqual([])
  })
})

describe('refusalsAt', () => {
  const problem = (type: string, pointer: string) =>
    new ProblemError({ type, title: 'No', status: 422, errors: [{ detail: 'Why', pointer }] })

  it('puts what the server said at its field', () => {
    expect(refusalsAt(['name'], problem('/problems/invalid-request', '#/name'), t)).toEqual([
      { name: 'name', message: 'Why' },
    ])
    expect(refusalsAt(['name'], problem('/problems/invalid-request', '#/other'), t)).toEqual([])
  })

  it('says of a weak password in the language of the reader why', () => {
    expect(refusalsAt(['new_password'], problem('/problems/password-too-weak', '#/new_password'), t)).toEqual([
      { name: 'new_password', message: 'problems.password-too-weak.detail' },
    ])
  })
})
