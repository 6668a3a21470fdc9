import { expect, test as base, type Page } from '@playwright/test'
import { missingStack } from './stack'

interface Fixtures {
  needsStack: void
  /** Fails a test whose page asked another host, or threw. */
  guarded: void
}

export const test = base.extend<Fixtures>({
  needsStack: [
    async ({}, use, info) => {
      const reason = missingStack()
      info.skip(reason !== null, reason ?? undefined)
      await use()
    },
    { auto: true },
  ],
  guarded: [
    async ({ page, baseURL }, use) => {
      const foreign: string[] = []
      const errors: string[] = []
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (['http:', 'https:'].includes(url.protocol) && url.origin !== new URL(baseURL ?? '').origin)
          foreign.push(url.href)
      })
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        if (/Content Security Policy|violates/.test(message.text())) errors.push(message.text())
      })
      await use()
      expect(foreign, 'requests to other hosts').toEqual([])
      expect(errors, 'errors of the page').toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

/** A label as a photo, drawn by the browser: legible, and different for every text. */
export async function labelPhoto(page: Page, lines: string[]): Promise<Buffer> {
  const dataUrl = await page.evaluate((texts) => {
    const canvas = document.createElement('canvas')
    canvas.width = 900
    canvas.height = 1100
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    context.fillStyle = '#f2efe8'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = '#2f5d50'
    context.fillRect(130, 80, 640, 940)
    context.fillStyle = '#ffffff'
    context.textAlign = 'center'
    texts.forEach((text, index) => {
      context.font = `bold ${index === 0 ? 84 : 60}px sans-serif`
      context.fillText(text, 450, 260 + index * 150)
    })
    return canvas.toDataURL('image/jpeg', 0.92)
  }, lines)
  return Buffer.from(dataUrl.split(',')[1] ?? '', 'base64')
}

export interface NewProduct {
  sku: string
  name: string
  attributes?: { name: string; value: string; unit?: string }[]
}

/** Create a product through the API, with the session of the page. */
export async function createProduct(page: Page, product: NewProduct): Promise<string> {
  const response = await page.request.post('/api/v1/products', {
    data: product,
    headers: { 'Sec-Fetch-Site': 'same-origin' },
  })
  expect(response.status()).toBe(201)
  return ((await response.json()) as { id: string }).id
}

export function uniqueSku(prefix: string): string {
  return `${prefix}-${Date.now()}-${Math.floor(Math.random() * 1e6)}`
}
