import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from '@playwright/test'
import { expect, test } from './fixtures'

const FIRST_PASSWORD = 'walnut river lamp'
const SECOND_PASSWORD = 'copper field moon'
const SAME_SITE = { 'Sec-Fetch-Site': 'same-origin' }

function uniqueEmail(): string {
  return `e2e-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`
}

/** A browser that nobody is signed in with. */
async function stranger(browser: Browser, baseURL: string | undefined): Promise<Page> {
  const context = await browser.newContext({ baseURL, storageState: undefined })
  return context.newPage()
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).not.toHaveURL(/\/sign-in/)
}

/** Made through the API: the page's own session is an administrator's. */
async function newUser(page: Page, browser: Browser, baseURL: string | undefined, role: string) {
  const email = uniqueEmail()
  const name = `Eva ${email.slice(4, 17)}`
  const created = await page.request.post('/api/v1/auth/users', {
    data: { email, name, role, password: FIRST_PASSWORD },
    headers: SAME_SITE,
  })
  expect(created.status()).toBe(201)
  return { email, name, open: () => stranger(browser, baseURL) }
}

async function act(page: Page, email: string, name: string, action: string): Promise<void> {
  await page.goto(`/administration/users?q=${encodeURIComponent(email)}`)
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('somebody is invited, accepts, and sees what their role allows', async ({ page, browser, baseURL }) => {
  const email = uniqueEmail()
  await page.goto('/administration')
  await page.getByRole('button', { name: 'Invite' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Make the invitation' }).click()
  await expect(dialog.getByText('This is needed.')).toBeVisible()
  await dialog.getByLabel('Email address').fill(email)
  await dialog.getByRole('radio', { name: 'Viewer' }).click()
  await dialog.getByRole('button', { name: 'Make the invitation' }).click()
  await expect(dialog.getByText(`No mail was sent to ${email}`)).toBeVisible()
  const link = await dialog.getByLabel('One-time link').inputValue()
  expect(link).toContain(`${baseURL}/accept-invitation#token=`)
  await dialog.getByRole('button', { name: 'Done' }).click()

  const guest = await stranger(browser, baseURL)
  await guest.goto(link)
  await expect(guest.getByRole('heading', { name: 'Accept your invitation' })).toBeVisible()
  await expect(guest).toHaveURL(/\/accept-invitation$/)
  await expect(guest.getByLabel('Email address')).toHaveValue(email)
  const password = guest.getByLabel('Choose a password')
  await expect(password).toHaveAttribute('autocomplete', 'new-password')
  await guest.getByLabel('Name').fill('Vera Núñez')
  await password.fill('password123')
  await guest.getByRole('button', { name: 'Accept and sign in' }).click()
  await expect(guest.getByText(/Too easy to guess/)).toBeVisible()
  await password.fill(FIRST_PASSWORD)
  await guest.getByRole('button', { name: 'Show password' }).click()
  await expect(password).toHaveAttribute('type', 'text')
  await guest.getByRole('button', { name: 'Accept and sign in' }).click()
  await expect(guest).toHaveURL(/\/products$/)
  await expect(guest.getByRole('link', { name: 'Administration' })).toHaveCount(0)

  await guest.goto('/administration/users')
  await expect(guest.getByRole('heading', { name: 'This page needs another role' })).toBeVisible()
  await expect(guest.getByText('It takes the role Administrator; yours is Viewer.')).toBeVisible()

  await guest.goto(link)
  await guest.getByLabel('Name').fill('Somebody else')
  await guest.getByLabel('Choose a password').fill(FIRST_PASSWORD)
  await guest.getByRole('button', { name: 'Accept and sign in' }).click()
  await expect(guest.getByText('This invitation is used up, withdrawn or too old')).toBeVisible()
  await guest.context().close()

  await page.goto('/administration/invitations')
  await expect(page.getByRole('row', { name: new RegExp(email) })).toContainText('Accepted')
})

test('a wrong password is told, the right one leads on to where one wanted to go', async ({
  page,
  browser,
  baseURL,
}) => {
  const user = await newUser(page, browser, baseURL, 'editor')
  const guest = await user.open()
  await guest.goto('/account')
  await expect(guest).toHaveURL(/\/sign-in\?next=/)
  await expect(guest.getByLabel('Password', { exact: true })).toHaveAttribute('autocomplete', 'current-password')
  await guest.getByLabel('Email address').fill(user.email)
  await guest.getByLabel('Password', { exact: true }).fill('not the password')
  await guest.keyboard.press('Enter')
  await expect(guest.getByRole('alert')).toContainText('Email address or password is not right')
  await expect(guest.getByLabel('Password', { exact: true })).toBeFocused()
  await guest.keyboard.type(FIRST_PASSWORD)
  await guest.keyboard.press('Enter')
  await expect(guest).toHaveURL(/\/account$/)
  await expect(guest.getByRole('heading', { name: 'Your account' })).toBeVisible()
  await guest.context().close()
})

test('too many tries have to wait, and see for how long', async ({ browser, baseURL }) => {
  const guest = await stranger(browser, baseURL)
  await guest.goto('/sign-in')
  await guest.getByLabel('Email address').fill(uniqueEmail())
  // Five are free; fewer where somebody else at this address has used them up.
  for (let attempt = 0, status = 0; status !== 429; attempt++) {
    expect(attempt).toBeLessThan(6)
    await guest.getByLabel('Password', { exact: true }).fill(`guess ${attempt}`)
    const answer = guest.waitForResponse('**/api/v1/auth/sign-in')
    await guest.keyboard.press('Enter')
    status = (await answer).status()
  }
  await expect(guest.getByRole('alert')).toContainText(/Try again in \d+ seconds?\. Nothing is locked for good\./)
  await guest.context().close()
})

test('a forgotten password: the same answer for everybody', async ({ browser, baseURL }) => {
  const guest = await stranger(browser, baseURL)
  await guest.goto('/sign-in')
  await guest.getByRole('link', { name: 'Forgot your password?' }).click()
  await expect(guest.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible()
  await guest.getByLabel('Email address').fill(uniqueEmail())
  await guest.getByRole('button', { name: 'Send the link' }).click()
  await expect(guest.getByText('Look into your mailbox')).toBeVisible()
  await guest.goto('/reset-password')
  await expect(guest.getByText('This page needs the link')).toBeVisible()
  await guest.context().close()
})

test('an administrator hands over a link for a new password', async ({ page, browser, baseURL }) => {
  const user = await newUser(page, browser, baseURL, 'editor')
  await act(page, user.email, user.name, 'Link for a new password')
  const link = await page.getByLabel('One-time link').inputValue()
  await page.getByRole('button', { name: 'Done' }).click()

  const guest = await user.open()
  await guest.goto(link)
  await expect(guest.getByLabel('Email address')).toHaveValue(user.email)
  await expect(guest).toHaveURL(/\/reset-password$/)
  await guest.getByLabel('New password').fill('short')
  await guest.getByRole('button', { name: 'Save the password' }).click()
  await expect(guest.getByText('Use at least 10 characters.')).toBeVisible()
  await guest.getByLabel('New password').fill(SECOND_PASSWORD)
  await guest.getByRole('button', { name: 'Save the password' }).click()
  await expect(guest.getByText('Your new password is set')).toBeVisible()
  await guest.getByRole('button', { name: 'Sign in' }).click()
  await expect(guest.getByLabel('Email address')).toHaveValue(user.email)
  await guest.getByLabel('Password', { exact: true }).fill(SECOND_PASSWORD)
  await guest.keyboard.press('Enter')
  await expect(guest).toHaveURL(/\/products$/)
  await guest.context().close()
})

test('another role and its undo, deactivation, and the log of it all', async ({ page, browser, baseURL }) => {
  const user = await newUser(page, browser, baseURL, 'viewer')
  await act(page, user.email, user.name, 'Change name or role')
  await page.getByRole('radio', { name: 'Editor' }).click()
  await expect(page.getByText(/With another role all sessions of this user end/)).toBeVisible()
  await page.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: new RegExp(user.email) })
  await expect(row.getByRole('cell', { name: 'Editor' })).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row.getByRole('cell', { name: 'Viewer' })).toBeVisible()

  const guest = await user.open()
  await signIn(guest, user.email, FIRST_PASSWORD)
  await expect(guest).toHaveURL(/\/products$/)
  await act(page, user.email, user.name, 'Deactivate')
  await expect(page.getByRole('dialog')).toContainText('all API keys of this user are revoked')
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
  await expect(row.getByRole('cell', { name: 'Deactivated' })).toBeVisible()
  await guest.reload()
  await expect(guest).toHaveURL(/\/sign-in/)
  await guest.context().close()
  await act(page, user.email, user.name, 'Activate again')
  await expect(row.getByRole('cell', { name: 'Active', exact: true })).toBeVisible()

  await page.goto('/administration/audit?action=update&table=users')
  const entry = page.getByRole('listitem').filter({ hasText: user.name }).filter({ hasText: 'Role' }).first()
  await expect(entry.locator('del')).toHaveText('Editor')
  await expect(entry.locator('ins')).toHaveText('Viewer')
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export CSV' }).click()
  expect((await download).suggestedFilename()).toBe('audit.csv')
  expect((await download).url()).toContain('action=update&table=users')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).toHaveURL(/\/administration\/audit$/)
})

test('an API key is shown once, works, and ends when it is revoked', async ({ page, playwright, baseURL }) => {
  const name = `E2E ${Date.now()}`
  await page.goto('/account')
  await page.getByRole('button', { name: 'New API key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('checkbox', { name: 'Export' }).click()
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const key = await dialog.getByLabel('API key').inputValue()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await dialog.getByRole('button', { name: 'Copy' }).click()
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible()
  await page.mouse.click(5, 5)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'I have stored it' }).click()
  const row = page.getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText(key.slice(-4))
  await expect(row).toContainText('Active')

  const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${key}` } })
  expect((await program.get('/api/v1/products')).status()).toBe(200)
  expect((await program.post('/api/v1/products', { data: { sku: name, name } })).status()).toBe(403)
  await page.goto('/administration/api-keys')
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Revoked')
  expect((await program.get('/api/v1/products')).status()).toBe(401)
  await program.dispose()
})

test('a changed password ends the other sessions, and one can end them oneself', async ({ page, browser, baseURL }) => {
  const user = await newUser(page, browser, baseURL, 'editor')
  const here = await user.open()
  await signIn(here, user.email, FIRST_PASSWORD)
  await expect(here).toHaveURL(/\/products$/)
  const there = await user.open()
  await signIn(there, user.email, FIRST_PASSWORD)
  await expect(there).toHaveURL(/\/products$/)

  await here.goto('/account')
  const sessions = here.getByRole('region', { name: 'Sessions' }).getByRole('listitem')
  await expect(sessions).toHaveCount(2)
  await here.getByRole('button', { name: /^End the session of/ }).click()
  await expect(sessions).toHaveCount(1)
  await there.goto('/account')
  await expect(there).toHaveURL(/\/sign-in/)

  await signIn(there, user.email, FIRST_PASSWORD)
  await expect(there).toHaveURL(/\/products$/)
  await here.getByLabel('Current password').fill('not the password')
  await here.getByLabel('New password').fill(SECOND_PASSWORD)
  await here.getByRole('button', { name: 'Change password' }).click()
  await expect(here.getByText('The current password is not right')).toBeVisible()
  await here.getByLabel('Current password').fill(FIRST_PASSWORD)
  await here.getByRole('button', { name: 'Change password' }).click()
  await expect(here.getByText('Your password was changed').first()).toBeVisible()
  await here.reload()
  await expect(here.getByRole('heading', { name: 'Your account' })).toBeVisible()
  await there.goto('/account')
  await expect(there).toHaveURL(/\/sign-in/)
  await here.context().close()
  await there.context().close()
})

test('the language of the account goes with the person', async ({ page, browser, baseURL }) => {
  const user = await newUser(page, browser, baseURL, 'viewer')
  const here = await user.open()
  await signIn(here, user.email, FIRST_PASSWORD)
  await here.goto('/account')
  await here.getByLabel('Language').click()
  await here.getByRole('option', { name: 'Español' }).click()
  await here.getByRole('button', { name: 'Save' }).click()
  await expect(here.getByRole('heading', { name: 'Tu cuenta' })).toBeVisible()
  const there = await user.open()
  await signIn(there, user.email, FIRST_PASSWORD)
  await expect(there.getByRole('heading', { name: 'Productos' })).toBeVisible()
  await here.context().close()
  await there.context().close()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('account, administration and the pages of links have no serious accessibility finding', async ({ page }) => {
      test.setTimeout(180_000)
      const paths = [
        '/forgot-password',
        '/accept-invitation#token=0000000000000000000000000000&email=ana%40example.com',
        '/reset-password#token=0000000000000000000000000000&email=ana%40example.com',
        '/account',
        '/administration/users',
        '/administration/invitations',
        '/administration/api-keys',
        '/administration/audit',
      ]
      for (const path of paths) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('networkidle')
        const { violations } = await new AxeBuilder({ page }).analyze()
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(
          serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`),
          path,
        ).toEqual([])
      }
    })
  })
}
