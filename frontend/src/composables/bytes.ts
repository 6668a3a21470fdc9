const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** `3617961` → `3.6 MB`. */
export function formatBytes(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return value.toLocaleString(locale, {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0,
  })
}
