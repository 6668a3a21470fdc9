import { createProduct, expect, test, uniqueSku } from './fixtures'

test('a link that was used up says how to get another', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, storageState: undefined })
  const page = await context.newPage()
  await page.goto('/sign-in#token=0000000000000000000000000000')
  await expect(page.getByText('This link is used up or too old')).toBeVisible()
  await expect(page.getByText('./orchestrate sign-in')).toBeVisible()
  expect(page.url()).not.toContain('token')
  await context.close()
})

test('without a session every page leads to the sign-in, and keeps the way back', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, storageState: undefined })
  const page = await context.newPage()
  await page.goto('/products?status=draft')
  await expect(page).toHaveURL(/\/sign-in\?next=.*products.*status.*draft/)
  await context.close()
})

test('what is no photo is refused in plain words', async ({ page }) => {
  const id = await createProduct(page, { sku: uniqueSku('E2E'), name: 'Salt mill' })
  await page.goto(`/products/${id}?section=photos`)
  const buffer = Buffer.from('this is no photo')
  await page.getByTestId('photo-input').setInputFiles({ name: 'fake.png', mimeType: 'image/png', buffer })
  await expect(page.getByText('Not a photo that we can read')).toBeVisible()
})

test('a source page needs an address', async ({ page }) => {
  const id = await createProduct(page, { sku: uniqueSku('E2E'), name: 'Salt mill' })
  await page.goto(`/products/${id}?section=sources`)
  await page.getByLabel('Address of a page about this product').fill('not an address')
  await page.getByRole('button', { name: 'Add page' }).click()
  await expect(page.getByRole('alert')).toContainText('https://')
})

test('two people edit: nothing is overwritten, nothing is lost', async ({ page, context }) => {
  const id = await createProduct(page, { sku: uniqueSku('E2E'), name: 'Bread knife' })
  await page.goto(`/products/${id}?section=details`)
  await page.getByLabel('Brand').fill('Mine')

  const other = await context.newPage()
  await other.goto(`/products/${id}?section=details`)
  await other.getByLabel('Category').fill('Knives')
  await other.getByRole('button', { name: 'Save' }).click()
  await expect(other.getByText('Saved', { exact: true }).first()).toBeVisible()
  await other.close()

  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Somebody else changed this product meanwhile')).toBeVisible()
  await expect(page.getByLabel('Brand')).toHaveValue('Mine')
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await expect(page.getByText('Saved', { exact: true }).first()).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Brand')).toHaveValue('Mine')
  await expect(page.getByLabel('Category')).toHaveValue('Knives')
})

test('a deleted product comes back', async ({ page }) => {
  const id = await createProduct(page, { sku: uniqueSku('E2E'), name: 'Wool blanket' })
  await page.goto(`/products/${id}`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete product' }).click()
  await expect(page).toHaveURL(/\/products$/)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('The product is back').first()).toBeVisible()
  await page.goto(`/products/${id}`)
  await expect(page.getByRole('heading', { name: 'Wool blanket' })).toBeVisible()
})

test('an unknown product is told so', async ({ page }) => {
  await page.goto('/products/0190a5d0-0000-7000-8000-000000000000')
  await expect(page.getByText('This product does not exist')).toBeVisible()
})
