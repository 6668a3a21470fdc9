import { watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'

/** Name the page in the browser's tab and history; pages set it, in the language in use. */
export function usePageTitle(title: () => string | undefined): void {
  const { t } = useI18n()
  watchEffect(() => {
    const name = title()
    document.title = name ? `${name} · ${t('app.name')}` : t('app.name')
  })
}
