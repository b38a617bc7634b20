// Knowledge: written, read, found while one types, and said to help or not.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';

test('an article is made of a ticket, published, renamed, and brought back to what it said', async ({ page, browser }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  const number = await makeTicket(page, `Projector ${mark} hums`);
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByRole('link', { name: 'Make an article of it' }).click();
  await live(page);
  await expect(page.getByLabel('Title')).toHaveValue(`Projector ${mark} hums`);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(/## Problem[\s\S]*## Solution/);
  await page.getByLabel('Text', { exact: true }).fill('## First\n\nClean the *filter* <script>alert(1)</script>.\n\n## Then\n\nWait.\n\n## Else\n\n[Ask](javascript:alert(1)).');
  // Shown as it is being written, before anything is saved.
  await expect(page.locator('.kb__preview em', { hasText: 'filter' })).toBeVisible();
  await expect(page.locator('.kb__preview')).toContainText('<script>alert(1)</script>');
  await page.getByLabel('Title').fill('  ');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert').first()).not.toBeEmpty();
  await page.getByLabel('Title').fill(`Projector ${mark} hums`);
  await page.getByLabel('It is').selectOption('PUBLISHED');
  await page.getByLabel('Who reads it').selectOption('PUBLIC');
  await page.getByRole('button', { name: 'Save', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(page.getByText(`Made of ${number}`)).toBeVisible();
  await expect(page.locator('.kb__preview h2', { hasText: 'First' })).toBeVisible();
  await pictures(page, 'kb-editor');

  // Another reader, without an account.
  const elsewhere = await browser.newContext();
  const reader = await elsewhere.newPage();
  await reader.goto(`/portal/kb/projector-${mark}-hums`);
  await expect(reader.getByRole('heading', { level: 1 })).toHaveText(`Projector ${mark} hums`);
  await expect(reader.getByRole('navigation', { name: 'On this page' }).getByRole('link')).toHaveCount(3);
  await expect(reader.getByText('<script>alert(1)</script>')).toBeVisible();

  await live(page);
  await page.getByLabel('Title').fill(`Beamer ${mark} hums`);
  await page.getByLabel('Text', { exact: true }).fill('## First\n\nBuy another one.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.kb__preview')).toContainText('Buy another one.');
  await reader.reload();
  await expect(reader).toHaveURL(new RegExp(`/portal/kb/beamer-${mark}-hums`));
  await expect(reader.getByRole('heading', { level: 1 })).toHaveText(`Beamer ${mark} hums`);

  await page.getByRole('link', { name: 'Versions' }).click();
  await expect(page.locator('.diff__line--added', { hasText: 'Buy another one.' })).toBeVisible();
  await expect(page.locator('.diff__line--removed', { hasText: 'Wait.' })).toBeVisible();
  await pictures(page, 'kb-versions');
  await page.getByRole('link', { name: 'Version 1' }).click();
  await page.getByRole('button', { name: 'Bring version 1 back' }).click();
  await expect(page.locator('.kb__preview')).toContainText('Clean the filter');
  await live(page);
  await page.getByRole('button', { name: 'Delete this article' }).click();
  await expect(page).toHaveURL(/\/knowledge$/);
  await reader.goto(`/portal/kb/beamer-${mark}-hums`);
  await expect(reader.getByText('This page does not exist')).toBeVisible();
  await elsewhere.close();
});

test('what is being written is kept, and a colleague who was faster is seen', async ({ page, browser }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  await page.goto('/knowledge/new');
  await live(page);
  await page.getByLabel('Title').fill(`Lockers ${mark}`);
  await page.getByLabel('Text', { exact: true }).fill('Turn the key twice.');
  await expect(page.getByText('Kept as you write')).toBeVisible();
  await page.goto('/knowledge/new');
  await expect(page.getByRole('region', { name: 'Not saved' })).toContainText('Turn the key twice.');
  await page.getByRole('link', { name: 'Go on with what I wrote' }).click();
  await live(page);
  await expect(page.getByLabel('Title')).toHaveValue(`Lockers ${mark}`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await live(page);

  // Without scripts, so that nothing but the refusal keeps it.
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const still = await plain.newPage();
  await still.goto(new URL(page.url()).pathname);
  await still.getByLabel('Text', { exact: true }).fill('Turn the key three times.');
  await page.goto(new URL(page.url()).pathname);
  await live(page);
  await page.getByLabel('Text', { exact: true }).fill('Turn the key once.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await still.getByRole('button', { name: 'Save', exact: true }).click();
  const unsaved = still.getByRole('region', { name: 'Not saved' });
  await expect(unsaved).toContainText('Somebody saved another version while you wrote');
  await expect(still.getByLabel('Text', { exact: true })).toHaveValue('Turn the key once.');
  await page.goto(new URL(page.url()).pathname);
  await live(page);
  await pictures(page, 'article-not-saved');
  await unsaved.getByRole('link', { name: 'Go on with what I wrote' }).click();
  await expect(still.getByLabel('Text', { exact: true })).toHaveValue('Turn the key three times.');
  await still.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(still.getByText('Saved.')).toBeVisible();
  await expect(unsaved).toHaveCount(0);
  await plain.close();
});

test('whoever types a question is shown the article that answers it in other words', async ({ page }) => {
  await page.goto('/portal');
  await page.getByLabel('What is wrong?').pressSequentially('my screen stays black after the update', { delay: 15 });
  const answer = page.locator('.hero__answers').getByRole('link', { name: /The display shows nothing after an upgrade/ });
  await expect(answer).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/portal-answers-light-1440.png' });
  await answer.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The display shows nothing after an upgrade');
  await pictures(page, 'kb-article');
  await page.goto('/portal/kb');
  await pictures(page, 'kb-home');
});

test('agents see what there is, and arrange categories', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  await page.goto('/knowledge');
  await live(page);
  await expect(page.getByText('A laptop for a new colleague')).toBeVisible();
  await pictures(page, 'knowledge');
  const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New category' }) });
  await form.getByLabel('Name').fill(`Projectors ${mark}`);
  await form.getByLabel('Under').selectOption({ label: 'Laptops and screens' });
  await form.getByRole('button', { name: 'Save the category' }).click();
  const row = page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: `Projectors ${mark}` }) });
  await expect(row).toContainText('under Laptops and screens');
  // By key and by hand: before the category that it is put upon.
  const names = page.locator('.arranged__name');
  await page.getByRole('button', { name: 'Move Laptops and screens down' }).focus();
  const before = (await names.allTextContents()).indexOf('Laptops and screens');
  await page.keyboard.press('Enter');
  await expect(async () => expect((await names.allTextContents()).indexOf('Laptops and screens')).toBeGreaterThan(before)).toPass();
  await row.locator('.arranged__grip').dragTo(page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: 'Laptops and screens' }) }));
  await expect(row).not.toContainText('under');
  await row.locator('summary').click();
  await row.getByRole('button', { name: 'Remove this category' }).click();
  await expect(row).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('articles are searched, read and voted on; what is internal is not there for strangers', async ({ page }) => {
    await page.goto('/portal/kb?q=vpn');
    await page.getByRole('link', { name: /The VPN drops every few minutes/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The VPN drops every few minutes');
    await page.getByRole('button', { name: 'No', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The VPN drops every few minutes');
    await page.goto('/portal/kb?q=batteries');
    await expect(page.getByText('Nothing found')).toBeVisible();
    expect((await page.goto('/portal/kb/swollen-batteries'))?.status()).toBe(404);
  });
});
