import { useElementBounding, useWindowSize } from '@vueuse/core'
import { computed, type Ref } from 'vue'
import { windowOf, type RowWindow } from '../rowWindow'

const OVERSCAN = 6

/** The rows of a long table that are to be drawn, as the page scrolls. `body` is the element that holds the rows. */
export function useRowWindow(body: Ref<HTMLElement | null>, count: Ref<number>, height: Ref<number>) {
  const { top, update } = useElementBounding(body)
  const { height: viewport } = useWindowSize()

  const shown = computed<RowWindow>((before) => {
    const now = windowOf(-top.value, viewport.value, height.value, count.value, OVERSCAN)
    // The same rows are the same object, so that a little scrolling draws nothing anew.
    return before && before.start === now.start && before.end === now.end ? before : now
  })
  const before = computed(() => shown.value.start * height.value)
  const after = computed(() => (count.value - shown.value.end) * height.value)

  /** Scroll so that a row is on the screen, clear of what sticks to the edges. */
  function reveal(row: number, above: number, below: number): void {
    if (!body.value) return
    const rowTop = body.value.getBoundingClientRect().top + row * height.value
    const excess = rowTop + height.value + below - window.innerHeight
    if (rowTop < above) window.scrollBy({ top: rowTop - above, behavior: 'instant' })
    else if (excess > 0) window.scrollBy({ top: excess, behavior: 'instant' })
    update()
  }

  return { shown, before, after, reveal }
}
