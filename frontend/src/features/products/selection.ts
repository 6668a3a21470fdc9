/**
 * What is selected: rows by their ids, or all that fit the filters. Pure, so that a new state is a new object.
 */
export interface Selection {
  ids: ReadonlySet<string>
  /** All that fit the filters, also those that are not loaded. */
  all: boolean
}

export const NOTHING: Selection = { ids: new Set(), all: false }

export function isSelected(selection: Selection, id: string): boolean {
  return selection.all || selection.ids.has(id)
}

/** Taking a row out of "all" leaves those that are loaded: the others nobody has seen. */
export function toggled(selection: Selection, id: string, loaded: readonly string[]): Selection {
  const ids = new Set(selection.all ? loaded : selection.ids)
  if (isSelected(selection, id)) ids.delete(id)
  else ids.add(id)
  return { ids, all: false }
}

/** From one row to another, both included: as selected as the first one is. */
export function withRange(selection: Selection, loaded: readonly string[], from: number, to: number): Selection {
  const ids = new Set(selection.all ? loaded : selection.ids)
  const [low, high] = from < to ? [from, to] : [to, from]
  loaded.slice(low, high + 1).forEach((id) => ids.add(id))
  return { ids, all: false }
}

/** Only what is still in the list. */
export function without(selection: Selection, gone: ReadonlySet<string>): Selection {
  return { ...selection, ids: new Set([...selection.ids].filter((id) => !gone.has(id))) }
}

/** In parts that one request takes. */
export function inChunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  )
}
