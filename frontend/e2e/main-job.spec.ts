import { expect, labelPhoto, test, uniqueSku } from './fixtures'

test('from nothing to a listing whose claims name their sources', async ({ page }) => {
  test.setTimeout(300_000)
  const sku = uniqueSku('E2E')

  await test.step('create a product', async () => {
    await page.goto('/products')
    await page.getByRole('button', { name: 'New product' }).first().click()
    const form = page.getByRole('dialog', { name: 'New product' })
    await form.getByRole('button', { name: 'Create product' }).click()
    await expect(form.getByText('This is needed.')).toHaveCount(2)
    await form.getByLabel('Name').first().fill('Enamel kettle Bergen')
    await form.getByLabel('SKU').fill(sku)
    await form.getByLabel('Brand').fill('Nordwind')
    await form.getByRole('button', { name: 'Add attribute' }).click()
    await form.getByPlaceholder('Name').fill('Capacity')
    await form.getByPlaceholder('Value').fill('1.7')
    await form.getByPlaceholder('Unit').fill('l')
    await form.getByRole('button', { name: 'Create product' }).click()
    await expect(page.getByRole('heading', { name: 'Enamel kettle Bergen', level: 1 })).toBeVisible()
    await expect(page).toHaveTitle(/Enamel kettle Bergen/)
  })

  await test.step('upload a photo', async () => {
    await page.getByRole('tab', { name: /Photos/ }).click()
    const buffer = await labelPhoto(page, ['NORDWIND', 'Enamel kettle', '1.7 L', sku])
    await page.getByTestId('photo-input').setInputFiles({ name: 'front.jpg', mimeType: 'image/jpeg', buffer })
    await expect(page.getByRole('button', { name: 'Enlarge front.jpg' })).toBeVisible()
    await page.getByTestId('photo-input').setInputFiles({ name: 'again.jpg', mimeType: 'image/jpeg', buffer })
    await expect(page.getByText('The product already has this photo')).toBeVisible()
  })

  await test.step('enrich, and watch the steps', async () => {
    await page.getByRole('button', { name: 'Enrich', exact: true }).click()
    const run = page.getByRole('region', { name: 'Enrichment' })
    await expect(run.getByText('Read the photo front.jpg')).toBeVisible()
    await expect(run.getByText('Write the listing: English')).toBeVisible()
    await expect(run.getByText('3 of 3 steps', { exact: true })).toBeVisible({ timeout: 240_000 })
    await expect(page.getByRole('button', { name: 'Enrich', exact: true })).toBeVisible()
  })

  await test.step('see what each claim rests on', async () => {
    await page.getByRole('tab', { name: /Listing/ }).click()
    const claim = page.locator('[data-verdict="supported"]').first()
    await claim.focus()
    await page.keyboard.press('Enter')
    await expect(claim).toHaveAttribute('aria-pressed', 'true')
    const evidence = page.getByRole('region', { name: 'Evidence' })
    await expect(evidence.getByText('Backed by facts')).toBeVisible()
    await expect(evidence.getByText(/Your field|Seen in the photo|NORDWIND|Enamel/i).first()).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(claim).toHaveAttribute('aria-pressed', 'false')
  })

  await test.step('see every fact with its sources', async () => {
    await page.getByRole('tab', { name: /Facts/ }).click()
    await page
      .getByRole('button', { name: /^Capacity|^Volume/ })
      .first()
      .click()
    await expect(page.getByText('Your field Capacity:').first()).toBeVisible()
  })

  await test.step('find it again', async () => {
    await page.goto('/products')
    await page.getByRole('searchbox').fill(sku)
    await expect(page).toHaveURL(new RegExp(`q=${sku}`))
    const row = page.getByRole('row', { name: new RegExp(sku) })
    await expect(row.getByText('Needs review').filter({ visible: true })).toBeVisible()
    await page.reload()
    await expect(page.getByRole('searchbox')).toHaveValue(sku)
    await expect(page.getByRole('row', { name: new RegExp(sku) })).toBeVisible()
  })
})
