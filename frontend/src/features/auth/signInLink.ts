/** The token in the fragment of a sign-in link; fragments never reach a server's log. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')
  return token === '' ? null : token
}

/** Where to go after signing in: a path of this app, never another site. */
export function safeTarget(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || /^\/[/\\]/.test(next)) return '/products'
  return next
}
