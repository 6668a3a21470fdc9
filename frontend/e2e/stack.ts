/** Where the session of the one-time link is kept for the tests that follow; ignored by git. */
export const SESSION_FILE = 'test-results/session.json'

/** Why the tests can't run, or null when there is a stack to run against. */
export function missingStack(): string | null {
  const missing = ['E2E_BASE_URL', 'E2E_SIGN_IN_PATH'].filter((name) => !process.env[name])
  return missing.length === 0
    ? null
    : `set ${missing.join(' and ')} (a running stack and a one-time sign-in link of it)`
}
