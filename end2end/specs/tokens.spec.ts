// API tokens: made and copied once on the account's page, good for what was ticked, and ended.
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('an agent makes a token that may only read tickets, uses it, and ends it', async ({ page, playwright, baseURL }) => {
  await signIn(page, 'agent');
  await page.goto('/account');
  await live(page);
  await page.locator('details[data-fold="token"] > summary').click();
  await page.getByLabel('What it is for').fill('Nightly export');
  await expect(page.getByRole('checkbox', { name: 'Work tickets of their queues' })).toBeHidden();
  await page.getByLabel('It may do').selectOption('only what is ticked');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await expect(page.getByText('Tick at least one thing')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Work tickets of their queues' }).check();
  await pictures(page, 'account-new-token');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const secret = await page.locator('.token__secret').innerText();
  expect(secret).toMatch(/^oxd_/);
  await pictures(page, 'account-token');
  const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${secret}` } });
  expect((await program.get('/api/v1/tickets')).status()).toBe(200);
  expect((await program.get('/api/v1/users')).status()).toBe(403);

  await page.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.locator('.token__secret')).toHaveCount(0);
  const row = page.getByRole('listitem').filter({ hasText: 'Nightly export' });
  await expect(row).toContainText('ticket.read.queue');
  await expect(row).toContainText('last used');
  await row.getByRole('button', { name: 'End Nightly export' }).click();
  await expect(row).toHaveCount(0);
  expect((await program.get('/api/v1/tickets')).status()).toBe(401);
  await program.dispose();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a token is made, shown until it is copied, and ended', async ({ page }) => {
    await signIn(page, 'manager');
    await page.goto('/account');
    await page.locator('details[data-fold="token"] > summary').click();
    await page.getByLabel('What it is for').fill('   ');
    await page.getByRole('button', { name: 'Make the token' }).press('Enter');
    // The fold is open again, with what was wrong.
    await expect(page.getByLabel('What it is for')).toBeVisible();
    await expect(page.locator('details[data-fold="token"] [role=alert]')).not.toBeEmpty();
    await page.getByLabel('What it is for').fill('Wallboard');
    await page.getByRole('button', { name: 'Make the token' }).press('Enter');
    await expect(page.locator('.token__secret')).toHaveText(/^oxd_/);
    await page.getByRole('button', { name: 'I have copied it' }).press('Enter');
    await expect(page.locator('.token__secret')).toHaveCount(0);
    await page.getByRole('button', { name: 'End Wallboard' }).press('Enter');
    await expect(page.getByRole('button', { name: 'End Wallboard' })).toHaveCount(0);
  });
});
