import { createI18n } from 'vue-i18n'
import { watch } from 'vue'

export const LOCALES = ['en', 'es'] as const
export type AppLocale = (typeof LOCALES)[number]

const STORAGE_KEY = 'locale'

const loaders: Record<AppLocale, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import('@/locales/en.json'),
  es: () => import('@/locales/es.json'),
}

export function isLocale(value: unknown): value is AppLocale {
  return LOCALES.some((locale) => locale === value)
}

/** What the person chose before, else the first of the browser's languages that we speak. */
export function preferredLocale(stored: string | null, languages: readonly string[]): AppLocale {
  if (isLocale(stored)) return stored
  return languages.map((language) => language.slice(0, 2).toLowerCase()).find(isLocale) ?? 'en'
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} })

async function loadMessages(locale: AppLocale): Promise<void> {
  if (i18n.global.availableLocales.some((available) => available === locale)) return
  i18n.global.setLocaleMessage(locale, (await loaders[locale]()).default)
}

export async function setLocale(locale: AppLocale): Promise<void> {
  await loadMessages(locale)
  i18n.global.locale.value = locale
}

export async function setUpLocale(): Promise<void> {
  watch(i18n.global.locale, (locale) => {
    document.documentElement.lang = locale
    localStorage.setItem(STORAGE_KEY, locale)
  })
  const locale = preferredLocale(localStorage.getItem(STORAGE_KEY), navigator.languages)
  document.documentElement.lang = locale
  await setLocale(locale)
}
