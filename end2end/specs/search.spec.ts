// Search by words and by meaning, wherever one types.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';
import type { Page } from '@playwright/test';

/** Until a ticket has its vector, which a job makes. */
async function similarTo(page: Page, number: string) {
  await expect(async () => {
    await page.goto(`/tickets/${number}`);
    await expect(page.getByRole('region', { name: 'Similar tickets' })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 40_000 });
}

test('one search finds tickets and articles, says why, and works by key and without scripts', async ({ page, browser }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  const number = await makeTicket(page, `The aquarium ${mark} leaks`);
  await page.goto('/search');
  await live(page);
  const field = page.getByRole('searchbox', { name: 'Words, a number, or a question' });
  await field.fill('my screen stays black after the update');
  await page.keyboard.press('Enter');
  const first = page.locator('.result').first();
  await expect(first).toContainText(/display|screen|monitor/i);
  await expect(page.locator('.result', { hasText: 'The display shows nothing after an upgrade' })).toBeVisible();
  await expect(page.locator('.result', { hasText: 'The display shows nothing after an upgrade' }).locator('.result__why')).toContainText(/Article · .*(means much the same|is about something like it)/i);
  await pictures(page, 'search');
  await page.getByRole('link', { name: 'Tickets', exact: true }).click();
  await expect(page).toHaveURL(/type=ticket/);
  await expect(page.locator('.result__why', { hasText: 'Article' })).toHaveCount(0);
  await page.goto(`/search?q=${number}`);
  await expect(page.locator('.result').first()).toContainText('This is its number');
  await page.goto('/search?q=zzqqxx');
  await expect(page.getByText('Nothing found')).toBeVisible();

  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const still = await plain.newPage();
  await still.goto('/search');
  await still.getByRole('searchbox', { name: 'Words, a number, or a question' }).fill(`aquarium ${mark}`);
  await still.getByRole('button', { name: 'Search', exact: true }).click();
  await still.locator('.result', { hasText: number }).click();
  await expect(still.getByRole('heading', { level: 1 })).toHaveText(`The aquarium ${mark} leaks`);
  await plain.close();
});

test('an agent sees what is known beside a ticket, and puts it into the answer', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  const old = await makeTicket(page, `The tunnel to the office breaks off on trains ${mark}`);
  await page.goto(`/tickets/${old}`);
  await live(page);
  await page.getByLabel('Your text').fill('A hotspot helped.');
  await page.getByRole('button', { name: 'Send and resolve' }).click();
  await expect(page.locator('.status', { hasText: 'Resolved' }).first()).toBeVisible({ timeout: 30_000 });
  const number = await makeTicket(page, `Connection lost all the time while travelling ${mark}`);
  await similarTo(page, number);
  await expect(page.getByRole('region', { name: 'Similar tickets' })).toContainText(old);
  await live(page);
  const known = page.getByRole('region', { name: 'Knowledge' });
  await expect(known.getByRole('link', { name: 'The VPN drops every few minutes' })).toBeVisible();
  await known.getByRole('button', { name: 'Put a link to “The VPN drops every few minutes” into the answer' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Your text')).toHaveValue(/\[The VPN drops every few minutes\]\(http:\/\/[^)]*\/portal\/kb\/the-vpn-drops-every-few-minutes\)/);
  await known.getByRole('button', { name: 'Put the text of “The VPN drops every few minutes” into the answer' }).click();
  await expect(page.getByLabel('Your text')).toHaveValue(/two networks at once/);
  await pictures(page, 'known');
});

test('several who write the same today may be one incident, which one click links', async ({ page }) => {
  await signIn(page, 'agent');
  const subjects = ['The badge reader at the garage is dead', 'Badge reader of the garage does not work', 'Garage: the badge reader is dead'];
  const numbers: string[] = [];
  for (const subject of subjects) numbers.push(await makeTicket(page, subject));
  const incident = page.getByRole('region', { name: 'Possible incident' });
  await expect(async () => {
    await page.goto(`/tickets/${numbers[2]}`);
    await expect(incident).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 40_000 });
  await expect(incident).toContainText(numbers[0]);
  await live(page);
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/incident-light-1440.png' });
  await incident.getByRole('button', { name: 'Link all of them' }).click();
  await expect(incident).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Links' })).toContainText(numbers[0]);
});

test('the palette finds articles and tickets by what they mean', async ({ page }) => {
  await signIn(page, 'agent');
  await live(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to or do' }).fill('monitor has no picture');
  await expect(page.getByRole('option', { name: /The display shows nothing after an upgrade Article/ })).toBeVisible();
  await accessible(page);
});

test('a request that is answered already says so, without scripts too', async ({ browser }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto('/portal');
  await page.getByLabel('What is wrong?').fill('my screen stays black after the update');
  await page.getByRole('button', { name: 'Ask for help' }).click();
  await expect(page.getByText('This may answer it:')).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `../target/screenshots/portal-deflect-${scheme}-1440.png`, fullPage: true });
  }
  await page.getByRole('link', { name: /The display shows nothing after an upgrade/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The display shows nothing after an upgrade');
  await plain.close();
});

test('what was looked for in vain is what to write next', async ({ page, browser }) => {
  const mark = Date.now().toString(36).replace(/[0-9]/g, 'x');
  const elsewhere = await browser.newContext();
  const reader = await elsewhere.newPage();
  await reader.goto('/portal/kb');
  await reader.getByRole('searchbox', { name: 'Search articles' }).fill(`qwzx${mark} marta@example.com`);
  await reader.keyboard.press('Enter');
  await expect(reader.getByRole('heading', { level: 2 }).first()).toContainText(`qwzx${mark}`);
  await reader.goto('/portal/kb?q=reset+pasword');
  await expect(reader.getByText('“pasword” was read as “password”.')).toBeVisible();
  await expect(reader.getByRole('link', { name: /Reset your password/ })).toBeVisible();
  await accessible(reader);
  await elsewhere.close();

  await signIn(page, 'agent');
  await page.goto('/knowledge');
  await live(page);
  const row = page.locator('.missed', { hasText: `qwzx${mark}` });
  await expect(row).toContainText('once');
  await expect(page.getByText('marta@example.com')).toHaveCount(0);
  await pictures(page, 'knowledge-missed');
  await row.getByRole('button', { name: 'Take off the list' }).click();
  await expect(row).toHaveCount(0);
});
