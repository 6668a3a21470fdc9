import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { ProductListItem } from '@/api/generated'
import type { ProductFilters } from '@/api/queries'
import { isSelected, NOTHING, toggled, without, withRange, type Selection } from '../selection'

/** The selected rows of a list. Another filter or search is another list, and begins with nothing selected. */
export function useSelection(items: Ref<ProductListItem[]>, total: Ref<number | null>, filters: Ref<ProductFilters>) {
  const selection = shallowRef<Selection>(NOTHING)
  const anchor = ref(0)
  const loaded = computed(() => items.value.map(({ id }) => id))

  const count = computed(() => (selection.value.all ? (total.value ?? 0) : selection.value.ids.size))
  const allLoaded = computed(
    () => items.value.length > 0 && (selection.value.all || loaded.value.every((id) => selection.value.ids.has(id))),
  )

  watch(
    () => JSON.stringify({ ...filters.value, sort: undefined }),
    () => clear(),
  )

  function toggle(row: number, range: boolean): void {
    const id = loaded.value[row]
    if (id === undefined) return
    selection.value = range
      ? withRange(selection.value, loaded.value, anchor.value, row)
      : toggled(selection.value, id, loaded.value)
    anchor.value = row
  }

  function toggleLoaded(): void {
    selection.value = allLoaded.value ? NOTHING : { ids: new Set(loaded.value), all: false }
  }

  function clear(): void {
    selection.value = NOTHING
    anchor.value = 0
  }

  return {
    selection,
    count,
    allLoaded,
    has: (id: string) => isSelected(selection.value, id),
    toggle,
    toggleLoaded,
    selectAll: () => (selection.value = { ids: new Set(), all: true }),
    forget: (gone: ReadonlySet<string>) => (selection.value = without(selection.value, gone)),
    clear,
  }
}
