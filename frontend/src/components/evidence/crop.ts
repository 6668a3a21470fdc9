export type Box = [number, number, number, number]

export interface Placement {
  /** Of the image inside a frame, in percent of the frame. */
  image: { left: number; top: number; width: number; height: number }
  /** Of the box inside the same frame. */
  box: { left: number; top: number; width: number; height: number }
}

/** Share of the box that is shown around it on each side. */
const MARGIN = 0.5
/** Less of an image than this is a smear: small boxes are shown with more around them. */
const SMALLEST_SHARE = 0.3

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/**
 * Place an image in a frame so that the box and its surroundings fill the frame, without ever showing less of the
 * image than there is: at its edges the window moves inwards, and an image smaller than the window is centred.
 *
 * @param box x, y, width, height in 0-1 of the image
 * @param imageAspect width / height of the image
 * @param frameAspect width / height of the frame
 */
export function cropAround(box: Box, imageAspect: number, frameAspect: number): Placement {
  const [x, y, width, height] = box
  // In units of the image's height, so that both axes have one measure.
  const wanted = { width: width * imageAspect * (1 + 2 * MARGIN), height: height * (1 + 2 * MARGIN) }
  let windowWidth = Math.max(wanted.width, SMALLEST_SHARE * Math.min(imageAspect, 1))
  let windowHeight = Math.max(wanted.height, SMALLEST_SHARE * Math.min(1, imageAspect))
  if (windowWidth / windowHeight < frameAspect) windowWidth = windowHeight * frameAspect
  else windowHeight = windowWidth / frameAspect

  const centre = { x: (x + width / 2) * imageAspect, y: y + height / 2 }
  const left =
    windowWidth >= imageAspect
      ? (imageAspect - windowWidth) / 2
      : clamp(centre.x - windowWidth / 2, 0, imageAspect - windowWidth)
  const top = windowHeight >= 1 ? (1 - windowHeight) / 2 : clamp(centre.y - windowHeight / 2, 0, 1 - windowHeight)

  const across = (value: number) => (value / windowWidth) * 100
  const down = (value: number) => (value / windowHeight) * 100
  return {
    image: { left: across(-left), top: down(-top), width: across(imageAspect), height: down(1) },
    box: {
      left: across(x * imageAspect - left),
      top: down(y - top),
      width: across(width * imageAspect),
      height: down(height),
    },
  }
}
