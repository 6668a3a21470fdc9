import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError } from '@/api/problem'
import { useWait } from './useWait'

function refusal(status: number, retryAfterS: number | null): ProblemError {
  const error = new ProblemError({ type: '/problems/too-many-attempts', title: 'Too many attempts', status })
  error.retryAfterS = retryAfterS
  return error
}

describe('useWait', () => {
  const scope = effectScope()
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('counts the seconds down, and tells when they are over', () => {
    const wait = scope.run(useWait)!
    expect(wait.begin(refusal(429, 30))).toBe(true)
    expect(wait.secondsLeft.value).toBe(30)
    vi.advanceTimersByTime(10_000)
    expect(wait.secondsLeft.value).toBe(20)
    vi.advanceTimersByTime(21_000)
    expect([wait.refused.value, wait.secondsLeft.value]).toEqual([true, 0])
    wait.clear()
    expect(wait.refused.value).toBe(false)
  })

  it('leaves other problems alone', () => {
    const wait = scope.run(useWait)!
    expect(wait.begin(refusal(401, null))).toBe(false)
    expect(wait.refused.value).toBe(false)
  })
})
