import { useEventListener } from '@vueuse/core'

const TYPED_INTO = 'input, textarea, select, [contenteditable="true"]'
/** One that is closing is still there for a moment, but no longer in the way. */
const OPEN_DIALOG = ':is([role="dialog"], [role="alertdialog"])[data-state="open"]'
/** What has keys of its own. */
const HAS_KEYS = `[role="menu"], [role="listbox"], [role="combobox"], ${OPEN_DIALOG}`

/** Single keys for the whole page, unless somebody types, or something with keys of its own is open. */
export function useReviewKeys(keys: Record<string, () => void>, isFree: () => boolean): void {
  useEventListener(window, 'keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    if (target instanceof Element && target.closest(`${TYPED_INTO}, ${HAS_KEYS}`)) return
    if (!isFree() || document.querySelector(OPEN_DIALOG)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const run = keys[key]
    // Holding a key walks on, but judges only once.
    if (!run || (event.repeat && !['j', 'k', 'ArrowLeft', 'ArrowRight'].includes(key))) return
    event.preventDefault()
    run()
  })
}
