import { describe, expect, it } from 'vitest'
import { cropAround, type Box } from './crop'

const BOXES: Box[] = [
  [0.3, 0.12, 0.4, 0.09],
  [0, 0, 0.02, 0.02],
  [0.95, 0.97, 0.05, 0.03],
  [0, 0, 1, 1],
]

describe('cropAround', () => {
  it.each(BOXES)('keeps the whole box [%s, %s, %s, %s] in the frame', (...box) => {
    for (const imageAspect of [0.5, 1, 2.4]) {
      const placed = cropAround(box, imageAspect, 1.6).box
      expect(placed.left).toBeGreaterThanOrEqual(-0.001)
      expect(placed.top).toBeGreaterThanOrEqual(-0.001)
      expect(placed.left + placed.width).toBeLessThanOrEqual(100.001)
      expect(placed.top + placed.height).toBeLessThanOrEqual(100.001)
    }
  })

  it('keeps the proportions of the image', () => {
    const { image } = cropAround([0.3, 0.3, 0.1, 0.1], 0.75, 1.6)
    expect((image.width / image.height) * 1.6).toBeCloseTo(0.75)
  })

  it('magnifies a small box', () => {
    expect(cropAround([0.4, 0.4, 0.1, 0.05], 1, 1.6).image.width).toBeGreaterThan(150)
  })

  it('centres an image that is smaller than the window', () => {
    const { image } = cropAround([0, 0, 1, 1], 0.5, 2)
    expect(image.left).toBeCloseTo(100 - image.left - image.width)
  })
})
