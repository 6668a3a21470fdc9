import { crc32 } from 'node:zlib'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createProduct, expect, labelPhoto, test, uniqueSku } from './fixtures'

/** A ZIP whose files are stored as they are. */
function zip(files: Record<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x21, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const entry = Buffer.alloc(20)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(entry.subarray(0, 6), common, tail, Buffer.from(name))
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), content])
    parts.push(local)
    offset += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 8)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listed, end])
}

async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}

/** Three products to search for by what their SKUs begin with. */
async function threeProducts(page: Page): Promise<string> {
  const prefix = uniqueSku('BULK')
  for (const name of ['Bowl', 'Cup', 'Dish']) await createProduct(page, { sku: `${prefix}-${name}`, name })
  await page.goto(`/products?q=${prefix}&sort=name`)
  await expect(page.getByRole('rowheader')).toHaveCount(3)
  return prefix
}

test('a table of a shop comes in: mapped, tried, imported, and its problems told', async ({ page }) => {
  const prefix = uniqueSku('IMP')
  const lines = [
    'Artikel;Bezeichnung;Preis;Farbe',
    `${prefix}-1;Emaillebecher Fjäll;12,90 €;Blau`,
    `${prefix}-2;Emaillebecher Fjord;umsonst;Rot`,
    `${prefix}-3;Emaillebecher Fuchs;14,90 €;Grün`,
  ]
  await page.goto('/imports')
  await page.getByTestId('import-input').setInputFiles({
    name: 'becher.csv',
    mimeType: 'text/csv',
    // As Excel writes it on a Windows machine, where the euro sign is one byte.
    buffer: Buffer.from(Buffer.from(lines.join('\r\n'), 'latin1').map((byte) => (byte === 0xac ? 0x80 : byte))),
  })

  await test.step('see how it is understood, and correct it', async () => {
    await expect(page.getByRole('heading', { name: 'becher.csv' })).toBeVisible()
    await expect(page.getByRole('combobox', { name: 'Delimiter' })).toHaveText('Semicolon')
    await page.getByLabel('Field for Artikel').click()
    await page.getByRole('option', { name: 'SKU', exact: true }).click()
    await page.getByLabel('Field for Bezeichnung').click()
    await page.getByRole('option', { name: 'Name', exact: true }).click()
    await expect(page.getByRole('cell', { name: 'Emaillebecher Fjäll' }).last()).toBeVisible()
    await page.getByLabel('Field for Preis').click()
    await page.getByRole('option', { name: 'Price', exact: true }).click()
    await expect(page.getByText('1 of them would be refused.')).toBeVisible()
    expect(await seriousFindings(page)).toEqual([])
  })

  await test.step('try it', async () => {
    await page.getByRole('button', { name: 'Trial run' }).click()
    await expect(page.getByRole('heading', { name: 'What would happen' })).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText('Would be new').locator('xpath=ancestor::div[1]')).toContainText('2')
    await page.goto(`/products?q=${prefix}`)
    await expect(page.getByText('Nothing fits')).toBeVisible()
    await page.goBack()
  })

  await test.step('import it, and take the rows with problems back', async () => {
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'What was imported' })).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/umsonst/).first()).toBeVisible()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download these rows' }).click()
    expect((await download).suggestedFilename()).toBe('becher-errors.csv')
    await page.goto(`/products?q=${prefix}`)
    await expect(page.getByRole('rowheader')).toHaveCount(2)
  })
})

test('a ZIP of photos finds its products, and is taken back', async ({ page }) => {
  const sku = uniqueSku('ZIP')
  await createProduct(page, { sku, name: 'Salt cellar' })
  await page.goto('/imports?tab=photos')
  const photo = await labelPhoto(page, ['NORDWIND', sku])
  const buffer = zip({ [`${sku}_1.jpg`]: photo, 'nobody.jpg': photo })
  await page.getByTestId('import-input').setInputFiles({ name: 'photos.zip', mimeType: 'application/zip', buffer })
  await page.getByRole('button', { name: 'Add 1 photo' }).click({ timeout: 30_000 })
  await expect(page.getByRole('button', { name: /^Added\s*1/ })).toBeVisible({ timeout: 30_000 })
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: /^Taken away\s*1/ })).toBeVisible({ timeout: 30_000 })
})

test('many products are edited, deleted and brought back at once', async ({ page }) => {
  const prefix = await threeProducts(page)

  await test.step('tag two of them, and undo it', async () => {
    await page.getByRole('checkbox', { name: 'Select Bowl' }).click()
    await page.getByRole('checkbox', { name: 'Select Cup' }).click({ modifiers: ['Shift'] })
    await page.getByRole('button', { name: 'Tags' }).click()
    await page.getByLabel('Add tags').fill(prefix)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Apply' }).click()
    await expect(page.getByText('2 products changed').first()).toBeVisible()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(page.getByText('2 products are as they were').first()).toBeVisible()
  })

  await test.step('delete them, find them in the bin, restore one', async () => {
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await expect(page.getByRole('rowheader')).toHaveCount(1)
    await page.goto(`/products?q=${prefix}&bin=yes`)
    await expect(page.getByRole('rowheader')).toHaveCount(2)
    await page.getByRole('button', { name: 'Restore Bowl' }).click()
    await expect(page.getByRole('rowheader')).toHaveCount(1)
    await page.goto(`/products?q=${prefix}`)
    await expect(page.getByRole('rowheader')).toHaveCount(2)
  })
})

test('filters count, narrow the list, and stay in the address', async ({ page }) => {
  const prefix = await threeProducts(page)
  await page.getByRole('button', { name: 'Missing' }).click()
  await page.getByRole('checkbox', { name: 'GTIN' }).check()
  await expect(page).toHaveURL(/missing=gtin/)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Status' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Draft' }).last()).toContainText('3')
  await page.getByRole('checkbox', { name: 'Approved' }).check()
  await expect(page.getByText('Nothing fits')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.reload()
  await expect(page.getByText('Nothing fits')).toBeVisible()
  await page.getByRole('button', { name: 'Remove the filter Approved' }).click()
  await expect(page.getByRole('rowheader')).toHaveCount(3)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).not.toHaveURL(new RegExp(prefix))
})

test('the list is worked by keyboard', async ({ page }) => {
  await threeProducts(page)
  await page.getByRole('heading', { name: 'Products' }).click()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await expect(page.getByRole('checkbox', { name: 'Select Cup' })).toBeChecked()
  expect(await seriousFindings(page)).toEqual([])
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Cup', level: 1 })).toBeVisible()
})

test('the selected products are checked and exported', async ({ page }) => {
  await threeProducts(page)
  await page.getByRole('checkbox', { name: 'Select Dish' }).click()
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(page.getByText('Only the 1 selected product')).toBeVisible()
  await page.getByRole('button', { name: 'Check first' }).click()
  await expect(page.getByText('1 of 1 products checked')).toBeVisible()
  await page.getByText('There is no price.').click()
  await expect(page.getByRole('link', { name: 'Dish' }).first()).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('radio', { name: /^CSV/ }).check({ force: true })
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export and download' }).click()
  const name = (await download).suggestedFilename()
  expect(name).toMatch(/^generic-en-.*\.csv$/)
  await expect(page.getByRole('region', { name: 'Past exports' }).getByText('1 product ·').first()).toBeVisible()
})
