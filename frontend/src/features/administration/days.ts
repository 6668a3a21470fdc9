/** `2026-03-01` as a date field gives it; empty where it is none. */
export function dayOf(value: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : ''
}

/** The moment at which the day begins where the reader is. */
export function startOfDay(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString()
}

/** The moment at which it is over; days of 23 and 25 hours are days, too. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00`)
  next.setDate(next.getDate() + 1)
  return next.toISOString()
}
