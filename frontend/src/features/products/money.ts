import type { Money } from '@/api/generated'

/** `12.90 EUR` → `€12.90`; with the code where the currency is none that the browser knows. */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  try {
    return Number(amount).toLocaleString(locale, { style: 'currency', currency })
  } catch {
    return `${amount} ${currency}`
  }
}
