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
const ASKS_WHO = ['/api/v1/auth/sign-in', '/api/v1/auth/me']

export function configureClient(): void {
  client.setConfig({ baseUrl: '', credentials: 'same-origin', throwOnError: true })
  client.interceptors.error.use((error, response, _request, options) => {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    const problem = toProblemError(error, response?.status)
    if (problem.status === 401 && !ASKS_WHO.includes(options?.url ?? '')) reportSignedOut()
    return problem
  })
}
