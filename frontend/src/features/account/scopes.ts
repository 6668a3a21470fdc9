import type { ApiKeyCreate, Me } from '@/api/generated'

export type Scope = ApiKeyCreate['scopes'][number]

/** What a key of a person with this role may be given, as the server has it. */
export const SCOPES_OF: Record<Me['role'], readonly Scope[]> = {
  viewer: ['read', 'export'],
  editor: ['read', 'write', 'review', 'import', 'export'],
  admin: ['read', 'write', 'review', 'import', 'export', 'admin'],
}

export const LIFETIMES = ['30', '90', '365', 'date', 'never'] as const
export type Lifetime = (typeof LIFETIMES)[number]

const DAY_MS = 86_400_000

/** When the key ends: so many days from now, or with the end of the chosen day where the person is; null: never. */
export function expiryOf(lifetime: Lifetime, date: string, now: number = Date.now()): string | null {
  if (lifetime === 'never') return null
  if (lifetime !== 'date') return new Date(now + Number(lifetime) * DAY_MS).toISOString()
  return new Date(`${date}T23:59:59`).toISOString()
}
