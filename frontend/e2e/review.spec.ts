import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createProduct, expect, labelPhoto, test, uniqueSku, type NewProduct } from './fixtures'

const SAME_SITE = { 'Sec-Fetch-Site': 'same-origin' }

/** A product with a listing, written by the composer from the product's own fields. */
async function writtenProduct(page: Page, fields: Partial<NewProduct> = {}): Promise<string> {
  const id = await createProduct(page, {
    sku: uniqueSku('REV'),
    name: 'Enamel kettle Tromsø',
    attributes: [
      { name: 'Capacity', value: '1.7', unit: 'l' },
      { name: 'Material', value: 'enamelled steel' },
    ],
    ...fields,
  })
  await enrich(page, id)
  return id
}

async function enrich(page: Page, id: string): Promise<void> {
  const started = await page.request.post(`/api/v1/products/${id}/enrich`, {
    data: { engine: 'composer' },
    headers: SAME_SITE,
  })
  const run = (await started.json()) as { id: string }
  await expect
    .poll(
      async () => ((await (await page.request.get(`/api/v1/runs/${run.id}`)).json()) as { status: string }).status,
      {
        timeout: 120_000,
      },
    )
    .toBe('succeeded')
}

async function seriousFindings(page: Page): Promise<string[]> {
  // The toaster keeps invisible places for the focus beside its messages.
  const { violations } = await new AxeBuilder({ page }).exclude('[role="region"][aria-label*="F8"]').analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}

const saved = (page: Page) => page.getByText(/Saved as version \d+/).first()

test('facts are confirmed, rejected, corrected and added, and every decision can be taken back', async ({ page }) => {
  test.setTimeout(180_000)
  const id = await writtenProduct(page)
  await page.goto(`/products/${id}?section=facts`)
  const facts = page.getByRole('region', { name: 'Facts' })

  await facts.getByRole('button', { name: 'Confirm Capacity: 1.7 l' }).click()
  await expect(facts.getByText('Confirmed')).toBeVisible()

  await facts.getByRole('button', { name: 'Reject Material: enamelled steel as wrong' }).click()
  await expect(page.getByText('Material is rejected, and not used again').first()).toBeVisible()
  await expect(facts.getByText('enamelled steel')).toBeHidden()
  await facts.getByRole('combobox', { name: 'Filter by status' }).click()
  await page.getByRole('option', { name: /^Found wrong/ }).click()
  await expect(facts.getByText('enamelled steel')).toBeVisible()
  await facts.getByRole('combobox', { name: 'Filter by status' }).click()
  await page.getByRole('option', { name: /^In use or disputed/ }).click()

  await facts.getByRole('button', { name: 'Add a fact' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a fact' })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('This is needed.')).toHaveCount(2)
  await dialog.getByLabel('What it is about').fill('Colour')
  await dialog.getByLabel('Value').fill('red')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(facts.getByRole('button', { name: 'Change Colour: red' })).toBeVisible()

  await facts.getByRole('button', { name: 'Correct Capacity: 1.7 l' }).click()
  await page.getByRole('dialog', { name: 'Correct a fact' }).getByLabel('Value').fill('1.9')
  await page.getByRole('dialog', { name: 'Correct a fact' }).getByRole('button', { name: 'Save' }).click()
  await expect(facts.getByText('1.9 l')).toBeVisible()

  await page.getByText(/\d decisions on facts/).click()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Undo the decision on Material' }).click()
  await expect(facts.getByText('enamelled steel')).toBeVisible()

  await page.getByRole('tab', { name: /Listing/ }).click()
  await expect(page.getByText('The facts have changed since this text was checked')).toBeVisible()
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText('The facts have changed since this text was checked')).toBeHidden()
})

test('a conflict is settled by one click, and opened again', async ({ page }) => {
  test.setTimeout(240_000)
  const id = await createProduct(page, {
    sku: uniqueSku('REV'),
    name: 'Enamel kettle Bodø',
    attributes: [{ name: 'Capacity', value: '1.5', unit: 'l' }],
  })
  await page.goto(`/products/${id}?section=photos`)
  const buffer = await labelPhoto(page, ['NORDWIND', 'Enamel kettle', 'Capacity: 1700 ml'])
  await page.getByTestId('photo-input').setInputFiles({ name: 'front.jpg', mimeType: 'image/jpeg', buffer })
  await expect(page.getByRole('button', { name: 'Enlarge front.jpg' })).toBeVisible()
  await enrich(page, id)

  await page.goto(`/products/${id}?section=facts`)
  const conflicts = page.getByRole('region', { name: 'Conflicts' })
  await expect(conflicts.locator('strong', { hasText: '1.5 l' })).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
  await conflicts.getByRole('button', { name: 'Add a note' }).click()
  await conflicts.getByLabel('Why').fill('Measured it')
  await conflicts.getByRole('button', { name: /^This is right: 1700 ml/ }).click()
  await expect(conflicts).toBeHidden()
  await page.getByText('1 settled conflict').click()
  await expect(page.getByText('Measured it').first()).toBeVisible()
  await page
    .getByRole('button', { name: /^Undo the decision on/ })
    .first()
    .click()
  await expect(conflicts).toBeVisible()

  await test.step('somebody else was faster', async () => {
    const version = /\/conflicts\/[^/]+\/settle$/
    await page.route(version, async (route) => {
      const body = { ...(route.request().postDataJSON() as object), options_version: 'old' }
      await route.continue({ postData: JSON.stringify(body) })
    })
    await conflicts.getByRole('button', { name: 'Neither is right' }).click()
    await expect(page.getByText('The values have changed since you saw them')).toBeVisible()
    await page.unroute(version)
    await conflicts.getByRole('button', { name: 'Both are right' }).click()
    await expect(conflicts).toBeHidden()
  })
})

test('a text is edited in place, judged, compared and restored', async ({ page }) => {
  test.setTimeout(240_000)
  const id = await writtenProduct(page)
  await page.goto(`/products/${id}`)

  await test.step('claims are checked as they are typed', async () => {
    await page.getByRole('button', { name: 'Edit: Description' }).click()
    const description = page.getByLabel('Description', { exact: true })
    await expect(description).toBeFocused()
    await description.press('End')
    await description.press('ControlOrMeta+End')
    await description.pressSequentially(' It is made of solid gold.')
    await expect(page.getByText('Checked as you typed it')).toBeVisible()
    await expect(page.locator('[data-verdict-typed="unsupported"]')).toHaveText(/solid gold/)
    expect(await seriousFindings(page)).toEqual([])
  })

  await test.step('a reload loses nothing', async () => {
    page.once('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await expect(page.getByText('What you typed before is back.')).toBeVisible()
    await expect(page.getByLabel('Description', { exact: true })).toHaveValue(/solid gold/)
    await page.getByLabel('Description', { exact: true }).press('ControlOrMeta+Enter')
    await expect(saved(page)).toBeVisible()
  })

  await test.step('what has no fact behind it is not approved, unless somebody answers for it', async () => {
    await page.getByRole('button', { name: 'Approve', exact: true }).press('Enter')
    await expect(page.getByText("It can't be approved yet").first()).toBeVisible()
    await page.getByRole('button', { name: 'Look at it' }).click()
    await page.getByRole('button', { name: 'Keep it anyway' }).click()
    const dialog = page.getByRole('dialog', { name: 'Keep a claim without a fact?' })
    await expect(dialog.getByLabel('Reason')).toBeFocused()
    await dialog.getByLabel('Reason').fill('It is a figure of speech')
    await dialog.getByLabel('Reason').press('ControlOrMeta+Enter')
    await expect(page.getByText('Kept although no fact backs it')).toBeVisible()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await expect(page.getByText('Approved, live')).toBeVisible()
    await expect(page.getByText('Approved', { exact: true }).first()).toBeVisible()
  })

  await test.step('it is taken down with a reason, and that is taken back', async () => {
    await page.getByRole('button', { name: 'Take down' }).click()
    const dialog = page.getByRole('dialog', { name: 'Take this text down?' })
    await dialog.getByRole('button', { name: 'Take down' }).click()
    await expect(dialog.getByText('This is needed.')).toBeVisible()
    await dialog.getByLabel('Reason').fill('Not gold at all')
    await dialog.getByRole('button', { name: 'Take down' }).click()
    await expect(page.getByText('Not gold at all').first()).toBeVisible()
    await page.getByRole('button', { name: 'More about this text' }).click()
    await page.getByRole('menuitem', { name: 'Take back the last act' }).click()
    await expect(page.getByText('Approved, live')).toBeVisible()
  })

  await test.step('versions are compared word by word, and restored', async () => {
    await page.getByRole('button', { name: 'Versions' }).click()
    const panel = page.getByRole('dialog', { name: 'Versions' })
    const first = panel.getByRole('listitem').filter({ hasText: 'Version 1' })
    await first.getByRole('button', { name: 'Compare' }).click()
    await expect(panel.locator('ins')).toContainText('gold')
    expect(await seriousFindings(page)).toEqual([])
    await panel.getByRole('button', { name: 'All versions' }).click()
    await first.getByRole('button', { name: 'Restore' }).click()
    await expect(page.getByText('Version 3 is the one to work on now').first()).toBeVisible()
    await expect(page.getByText('Version 2 is live; this one is not yet.')).toBeVisible()
    await expect(page.getByRole('article')).not.toContainText('gold')
  })

  await test.step('the evidence report is a page to print', async () => {
    await page.getByRole('button', { name: 'More about this text' }).click()
    const report = await page.getByRole('menuitem', { name: 'Evidence report' }).getAttribute('href')
    expect(report).toContain('evidence.html?ui_language=en')
    expect((await page.request.get(report ?? '')).status()).toBe(200)
  })
})

test('two people edit one text: nothing is overwritten, nothing is lost', async ({ page, context }) => {
  test.setTimeout(180_000)
  const id = await writtenProduct(page)
  await page.goto(`/products/${id}`)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByLabel('Search title').fill('Mine')

  const other = await context.newPage()
  await other.goto(`/products/${id}`)
  await other.getByRole('button', { name: 'Edit', exact: true }).click()
  await other.getByLabel('Search description').fill('Theirs')
  await other.getByRole('button', { name: 'Save as a new version' }).click()
  await expect(saved(other)).toBeVisible()
  await other.close()

  await page.getByRole('button', { name: 'Save as a new version' }).click()
  await expect(page.getByText('Somebody else changed this text meanwhile')).toBeVisible()
  await expect(page.locator('ins').first()).toContainText('Theirs')
  await expect(page.getByLabel('Search title')).toHaveValue('Mine')
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await expect(saved(page)).toBeVisible()
  await expect(page.getByRole('article')).toContainText('Mine')
  await expect(page.getByRole('article')).toContainText('Theirs')
})

test('an engine never writes over a person: its text waits to be taken', async ({ page }) => {
  test.setTimeout(240_000)
  const id = await writtenProduct(page)
  await page.goto(`/products/${id}`)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByLabel('Description', { exact: true }).fill('The kettle holds 1.7 l.')
  await page.getByRole('button', { name: 'Save as a new version' }).click()
  await expect(saved(page)).toBeVisible()
  const tag = (await page.request.get(`/api/v1/products/${id}`)).headers()['etag'] ?? ''
  await page.request.patch(`/api/v1/products/${id}`, {
    data: { brand: 'Nordwind' },
    headers: { ...SAME_SITE, 'If-Match': tag },
  })
  await enrich(page, id)
  await page.reload()
  await expect(page.getByRole('article')).toContainText('The kettle holds 1.7 l.')
  await page.getByRole('listitem').filter({ hasText: 'An engine has written a newer text' }).getByRole('button').click()
  const dialog = page.getByRole('dialog', { name: 'Your text and the newer one' })
  await expect(dialog.locator('ins').first()).toContainText('Nordwind')
  await dialog.getByRole('button', { name: 'Take the newer text' }).click()
  await expect(page.getByRole('article')).toContainText('Nordwind')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('article')).toContainText('The kettle holds 1.7 l.')
})

test('attributes have types, and keywords and tags are chips', async ({ page }) => {
  const id = await createProduct(page, { sku: uniqueSku('REV'), name: 'Enamel kettle Vardø' })
  await page.goto(`/products/${id}?section=details`)
  const choose = async (name: string, option: string) => {
    await page.getByRole('combobox', { name }).click()
    await page.getByRole('option', { name: option, exact: true }).click()
  }
  await page.getByRole('button', { name: 'Add attribute' }).click()
  await page.getByLabel('Name of attribute 1').fill('Height')
  await choose('Type of attribute Height', 'Number')
  await page.getByLabel('Value of attribute Height').fill('many')
  await page.getByLabel('Unit of attribute Height').fill('cm')
  await page.getByRole('button', { name: 'Add attribute' }).click()
  await page.getByLabel('Name of attribute 2').fill('Induction')
  await choose('Type of attribute Induction', 'Yes or no')
  await choose('Value of attribute Induction', 'No')
  await expect(page.getByLabel('Unit of attribute Induction')).toBeHidden()
  await page.getByRole('button', { name: 'Add attribute' }).click()
  await page.getByLabel('Name of attribute 3').fill('Colours')
  await choose('Type of attribute Colours', 'List')
  await page.getByRole('textbox', { name: 'Value of attribute Colours' }).fill('red')
  await page.keyboard.press('Enter')
  await page.keyboard.type('blue')
  await page.getByLabel('Tags').fill('spring')
  await page.keyboard.press('Enter')
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('A number such as 12.5.')).toBeVisible()
  await page.getByLabel('Value of attribute Height').fill('21,5')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved', { exact: true }).first()).toBeVisible()
  const stored = (await (await page.request.get(`/api/v1/products/${id}`)).json()) as {
    attributes: object[]
    tags: string[]
  }
  expect(stored.attributes).toEqual([
    { name: 'Height', type: 'number', value: '21.5', unit: 'cm' },
    { name: 'Induction', type: 'boolean', value: false, unit: null },
    { name: 'Colours', type: 'list', value: ['red', 'blue'], unit: null },
  ])
  expect(stored.tags).toEqual(['spring'])
})

test('the review goes by keyboard alone, and a reload holds the place', async ({ page }) => {
  test.setTimeout(240_000)
  const names = ['Kettle Alta', 'Kettle Bergen', 'Kettle Hamar']
  for (const name of names) await writtenProduct(page, { name })
  await page.goto('/review')
  const heading = (name: string) => page.getByRole('heading', { name, level: 2, exact: true })
  await expect(heading('Kettle Hamar')).toBeVisible()
  await expect(heading('Kettle Hamar')).toBeFocused()

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await expect(heading('Kettle Bergen')).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
  await page.reload()
  await expect(heading('Kettle Bergen')).toBeVisible()

  await test.step('edit', async () => {
    await expect(page.getByRole('article')).toBeVisible()
    await page.keyboard.press('e')
    await expect(page.getByLabel('Title', { exact: true })).toBeFocused()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('Kettle Bergen, 1.7 l')
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(saved(page)).toBeVisible()
    await expect(page.getByRole('article')).toContainText('Kettle Bergen, 1.7 l')
  })

  await test.step('approve, and go on', async () => {
    await page.keyboard.press('a')
    await expect(heading('Kettle Alta')).toBeVisible()
    await expect(page.getByText(/^1 done,/)).toBeVisible()
  })

  await test.step('reject with a reason', async () => {
    await page.keyboard.press('r')
    await expect(page.getByLabel('Reason')).toBeFocused()
    await page.keyboard.type('Too short')
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(page.getByText(/^2 done,/)).toBeVisible()
    await expect(heading('Kettle Alta')).toBeHidden()
    await expect(page.getByRole('dialog')).toBeHidden()
  })

  await test.step('take it back', async () => {
    await page.keyboard.press('u')
    await expect(heading('Kettle Alta')).toBeVisible()
    await expect(page.getByText(/^1 done,/)).toBeVisible()
    await page.keyboard.press('ArrowLeft')
    await expect(heading('Kettle Bergen')).toBeVisible()
    await expect(page.getByText('Approved, live')).toBeVisible()
  })
})

test('what is fully supported is approved in bulk, after the numbers, and taken back', async ({ page }) => {
  test.setTimeout(180_000)
  const id = await writtenProduct(page, { name: 'Kettle Narvik' })
  await page.goto('/review?language=en')
  await page.getByRole('button', { name: 'Approve in bulk' }).click()
  const dialog = page.getByRole('dialog', { name: 'Approve all that is fully supported' })
  await expect(dialog.getByText(/texts? would be approved/)).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: /^Approve \d+ text/ }).click()
  await expect(page.getByText(/\d+ texts? (is|are) approved/).first()).toBeVisible()
  const status = async () =>
    ((await (await page.request.get(`/api/v1/products/${id}`)).json()) as { status: string }).status
  expect(await status()).toBe('approved')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText(/approvals? (is|are) taken back/).first()).toBeVisible()
  expect(await status()).toBe('needs_review')
})
