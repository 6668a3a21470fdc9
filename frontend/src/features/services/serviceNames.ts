const KNOWN = ['describe-image', 'extract-webcontent', 'generate-description'] as const

export type ServiceKey = (typeof KNOWN)[number] | 'other'

/** The key of a service's texts; one that is newer than this app still gets a line. */
export function serviceKey(name: string): ServiceKey {
  return KNOWN.find((known) => known === name) ?? 'other'
}
