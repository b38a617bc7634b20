import { accessible, expect, signIn, test } from '../support/fixtures';

test('someone registers, confirms the address from the outbox, and chooses a new password', async ({ browser, page }) => {
  const email = `nina${Date.now()}@example.com`;
  await page.goto('/register');
  await page.getByLabel('Name').fill('Nina New');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Make the account' }).click();
  await expect(page.locator('#password-error')).toHaveText('At least 10 characters, please.');
  await accessible(page);
  await page.getByLabel('Password').fill('a long sentence of mine');
  await page.getByRole('button', { name: 'Make the account' }).click();
  await expect(page.getByText('Open the link in the mail')).toBeVisible();

  const office = await browser.newContext();
  const admin = await office.newPage();
  await signIn(admin, 'admin');
  const link = async (subject: string) => {
    await admin.goto('/admin/outbox');
    const mail = admin.locator('.mail', { hasText: email }).filter({ hasText: subject }).first();
    await mail.locator('summary').click();
    return (await mail.locator('pre').innerText()).match(/http\S+\/(verify|reset)\/\S+/)![0];
  };
  await page.goto(new URL(await link('confirm your address')).pathname);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Your address is confirmed')).toBeVisible();

  await page.goto('/forgot');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page.getByText('a mail with a link is on its way')).toBeVisible();
  await page.goto(new URL(await link('Choose a new password')).pathname);
  await page.getByLabel('New password').fill('another long sentence');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('Your new password is set')).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('another long sentence');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('/portal');
  await office.close();
});

test('a person ends another of their sessions', async ({ browser, page }) => {
  const other = await browser.newContext({ userAgent: 'The old laptop' });
  const laptop = await other.newPage();
  await signIn(laptop, 'manager');
  await signIn(page, 'manager');
  await page.goto('/account');
  await page.getByRole('row', { name: /The old laptop/ }).getByRole('button', { name: 'Sign out' }).first().click();
  await expect(page.getByRole('row', { name: /The old laptop/ })).toHaveCount(0);
  await laptop.goto('/tickets');
  await expect(laptop).toHaveURL(/\/login/);
  await other.close();
});
