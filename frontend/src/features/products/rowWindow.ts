export interface RowWindow {
  /** The first row to draw, and the first that is not. */
  start: number
  end: number
}

/**
 * Which of `count` rows of the same height are to be drawn. `top` is how far the viewport's upper edge is below the
 * first row; negative where the list begins further down.
 */
export function windowOf(top: number, viewport: number, rowHeight: number, count: number, overscan: number): RowWindow {
  const first = Math.floor(top / rowHeight) - overscan
  const last = Math.ceil((top + viewport) / rowHeight) + overscan
  const start = Math.min(Math.max(0, first), count)
  return { start, end: Math.min(Math.max(start, last), count) }
}
