import { useI18n } from 'vue-i18n'

const RELATIVE_STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** Seconds with one decimal below ten, then minutes: `0.4 s`, `12 s`, `3 min 05 s`. */
export function formatDuration(milliseconds: number, locale: string): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 60) {
    const digits = seconds < 10 ? 1 : 0
    return `${seconds.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })} s`
  }
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

export function useFormat() {
  const { locale } = useI18n()

  function dateTime(value: string): string {
    return new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value))
  }

  function relative(value: string): string {
    const seconds = (Date.parse(value) - Date.now()) / 1000
    const format = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto', style: 'short' })
    for (const [unit, size] of RELATIVE_STEPS) {
      if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit)
    }
    return format.format(0, 'second')
  }

  function language(code: string): string {
    try {
      return new Intl.DisplayNames([locale.value], { type: 'language' }).of(code) ?? code
    } catch {
      return code
    }
  }

  return {
    dateTime,
    relative,
    language,
    number: (value: number) => value.toLocaleString(locale.value),
    percent: (value: number) => value.toLocaleString(locale.value, { style: 'percent', maximumFractionDigits: 0 }),
    duration: (milliseconds: number) => formatDuration(milliseconds, locale.value),
  }
}
