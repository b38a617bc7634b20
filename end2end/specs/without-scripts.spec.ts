import { expect, signIn, test } from '../support/fixtures';

test.use({ javaScriptEnabled: false });

test('everything works without scripts: ask, answer, change, sign out', async ({ page }) => {
  await signIn(page, 'user');
  await page.goto('/portal/new');
  await page.getByLabel('In a sentence').fill('No scripts here');
  await page.getByLabel('What happened').fill('My browser is old.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  const number = page.url().split('/').pop()!;
  await page.getByLabel('Your text').fill('One more thing.');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('One more thing.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, 'agent');
  await page.goto(`/tickets/${number}`);
  await page.getByLabel('Status').selectOption('WAITING');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Waiting');
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel('Subject').fill('No scripts here, and edited');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name: 'No scripts here, and edited' })).toBeVisible();
  await page.goto('/tickets');
  await page.getByRole('button', { name: 'Sort next deadline' }).click();
  await page.getByRole('link', { name: 'newest' }).click();
  await expect(page).toHaveURL(/sort=created/);
  await expect(page.getByRole('link', { name: /No scripts here, and edited/ })).toBeVisible();
  await page.getByRole('button', { name: 'Ana Ruiz' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
});

test('a wrong password is said at the form', async ({ page }) => {
  await page.goto('/login');
  await page.getByLabel('E-mail').fill('nobody@demo.test');
  await page.getByLabel('Password').fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('do not belong together')).toBeVisible();
});
