import type { InvalidField, Problem } from './generated'

/** What went wrong, as the server told it (RFC 9457), or as the browser met it (`/problems/network`). */
export class ProblemError extends Error {
  readonly problem: Problem
  /** After how many seconds to try again, where the server said so (429, 503). */
  retryAfterS: number | null = null

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.name = 'ProblemError'
    this.problem = problem
  }

  get status(): number {
    return this.problem.status
  }

  get type(): string {
    return this.problem.type
  }

  get errors(): InvalidField[] {
    return this.problem.errors ?? []
  }
}

export const NETWORK_PROBLEM = '/problems/network'

export function networkProblem(): ProblemError {
  return new ProblemError({ type: NETWORK_PROBLEM, title: 'The server does not answer', status: 0 })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'type' in body && 'title' in body && 'status' in body
}

/** Any thrown value or error body as a `ProblemError`; a proxy's HTML page becomes a problem of its status. */
export function toProblemError(error: unknown, status?: number): ProblemError {
  if (error instanceof ProblemError) return error
  if (isProblem(error)) return new ProblemError(error)
  if (status === undefined) return networkProblem()
  return new ProblemError({ type: 'about:blank', title: `HTTP ${status}`, status })
}

/** `#/attributes/0/value` → `attributes.0.value`, the notation of form fields. */
export function fieldName(pointer: string): string {
  return pointer
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
}
