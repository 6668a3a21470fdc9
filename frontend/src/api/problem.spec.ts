import { describe, expect, it } from 'vitest'
import { fieldName, NETWORK_PROBLEM, ProblemError, toProblemError } from './problem'

const problem = { type: '/problems/sku-taken', title: 'Taken', status: 409 }

describe('toProblemError', () => {
  it('keeps what the server said', () => {
    expect(toProblemError(problem).problem).toEqual(problem)
  })

  it('leaves a problem as it is', () => {
    const error = new ProblemError(problem)
    expect(toProblemError(error)).toBe(error)
  })

  it('tells a page of a proxy by its status', () => {
    expect(toProblemError('<html>Bad gateway</html>', 502)).toMatchObject({ status: 502, type: 'about:blank' })
  })

  it('calls everything without an answer a trouble of the network', () => {
    expect(toProblemError(new TypeError('Failed to fetch'))).toMatchObject({ type: NETWORK_PROBLEM, status: 0 })
  })
})

describe('fieldName', () => {
  it.each([
    ['#/sku', 'sku'],
    ['#/attributes/0/value', 'attributes.0.value'],
    ['#/a~1b/~0c', 'a/b.~c'],
    ['#', ''],
  ])('reads %s as %j', (pointer, name) => {
    expect(fieldName(pointer)).toBe(name)
  })
})
