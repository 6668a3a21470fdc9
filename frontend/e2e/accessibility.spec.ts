import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createProduct, expect, labelPhoto, test, uniqueSku } from './fixtures'

async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('the sign-in page has no serious finding', async ({ page }) => {
      await page.goto('/sign-in')
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
      expect(await seriousFindings(page)).toEqual([])
    })

    test('the products page and its form have none', async ({ page }) => {
      await createProduct(page, { sku: uniqueSku('AXE'), name: 'Teapot' })
      await page.goto('/products')
      await expect(page.getByRole('rowheader').first()).toBeVisible()
      expect(await seriousFindings(page)).toEqual([])
      await page.getByRole('button', { name: 'New product' }).click()
      await expect(page.getByRole('button', { name: 'Create product' })).toBeVisible()
      expect(await seriousFindings(page)).toEqual([])
    })

    test('the product page has none, in any section', async ({ page }) => {
      test.setTimeout(240_000)
      const id = await createProduct(page, {
        sku: uniqueSku('AXE'),
        name: 'Teapot Malmö',
        attributes: [{ name: 'Capacity', value: '1.2', unit: 'l' }],
      })
      await page.goto(`/products/${id}?section=photos`)
      const buffer = await labelPhoto(page, ['NORDWIND', 'Teapot', colorScheme])
      await page.getByTestId('photo-input').setInputFiles({ name: 'front.jpg', mimeType: 'image/jpeg', buffer })
      await expect(page.getByRole('button', { name: 'Enlarge front.jpg' })).toBeVisible()
      await page.getByRole('button', { name: 'Enrich', exact: true }).click()
      await expect(page.getByText('3 of 3 steps', { exact: true })).toBeVisible({ timeout: 180_000 })
      for (const section of ['listing', 'facts', 'photos', 'sources', 'details']) {
        await page.goto(`/products/${id}?section=${section}`)
        await expect(page.getByRole('tabpanel')).toBeVisible()
        await page.waitForLoadState('networkidle')
        expect(await seriousFindings(page), section).toEqual([])
      }
    })
  })
}
