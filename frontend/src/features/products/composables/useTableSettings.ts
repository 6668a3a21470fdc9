import { useLocalStorage } from '@vueuse/core'
import { computed } from 'vue'
import { COLUMNS, DEFAULT_COLUMNS, DENSITIES, type ColumnKey, type Density } from '../columns'

interface Stored {
  columns: string[]
  density: string
}

/** Which columns a person wants to see, and how close: kept in this browser. */
export function useTableSettings() {
  const stored = useLocalStorage<Stored>('products-table', { columns: [...DEFAULT_COLUMNS], density: 'comfortable' })

  const columns = computed(() => COLUMNS.filter(({ key }) => stored.value.columns.includes(key)))
  const density = computed<Density>({
    get: () => DENSITIES.find((each) => each === stored.value.density) ?? 'comfortable',
    set: (value) => (stored.value = { ...stored.value, density: value }),
  })

  function isShown(key: ColumnKey): boolean {
    return stored.value.columns.includes(key)
  }

  function toggle(key: ColumnKey): void {
    const columns = isShown(key) ? stored.value.columns.filter((each) => each !== key) : [...stored.value.columns, key]
    stored.value = { ...stored.value, columns }
  }

  function restoreDefaults(): void {
    stored.value = { columns: [...DEFAULT_COLUMNS], density: 'comfortable' }
  }

  return { columns, density, isShown, toggle, restoreDefaults }
}
