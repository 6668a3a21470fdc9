function parameterOf(hash: string, name: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get(name) || null
}

/** The token in the fragment of a one-time link; fragments never reach a server's log. */
export function tokenOf(hash: string): string | null {
  return parameterOf(hash, 'token')
}

/** Whose link it is, for the password manager alone: the server goes by the token. */
export function emailOf(hash: string): string | null {
  // The address is quoted as in a path, where a plus is a plus.
  return parameterOf(hash.replaceAll('+', '%2B'), 'email')
}

/** Where to go after signing in: a path of this app, never another site. */
export function safeTarget(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || /^\/[/\\]/.test(next)) return '/products'
  return next
}
