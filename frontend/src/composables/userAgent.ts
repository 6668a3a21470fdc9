/** In this order: nearly every browser also calls itself Chrome, Safari or Mozilla. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const SYSTEMS: readonly [RegExp, string][] = [
  [/\b(?:iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]
const MOBILE = new Set(['iPhone', 'iPad', 'Android'])

export interface Device {
  /** Such as `Firefox`; null where the text tells nothing that we know. */
  browser: string | null
  system: string | null
  mobile: boolean
}

/** What a browser says of itself, in words that people know. */
export function deviceOf(userAgent: string): Device {
  const find = (table: readonly [RegExp, string][]) => table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null
  const system = find(SYSTEMS)
  return { browser: find(BROWSERS), system, mobile: system !== null && MOBILE.has(system) }
}
