import { client } from './generated/client.gen'
import { toProblemError } from './problem'

type Listener = () => void

let onSignedOut: Listener = () => undefined

/** What to do when any request finds that the session has ended. */
export function whenSignedOut(listener: Listener): void {
  onSignedOut = listener
}

export function reportSignedOut(): void {
  onSignedOut()
}

/** Routes that answer 401 as their plain result; they must not lead to the sign-in page by themselves. */
const ASKS_WHO = [
  '/api/v1/auth/sign-in',
  '/api/v1/auth/me',
  '/api/v1/auth/invitations/accept',
  '/api/v1/auth/password-resets/complete',
]

function secondsToWait(response: Response | undefined): number | null {
  const seconds = Number(response?.headers.get('Retry-After') ?? NaN)
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : null
}

export function configureClient(): void {
  client.setConfig({ baseUrl: '', credentials: 'same-origin', throwOnError: true })
  client.interceptors.error.use((error, response, _request, options) => {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    const problem = toProblemError(error, response?.status)
    problem.retryAfterS = secondsToWait(response)
    if (problem.status === 401 && !ASKS_WHO.includes(options?.url ?? '')) reportSignedOut()
    return problem
  })
}
