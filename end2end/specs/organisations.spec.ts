// Organisations: made with their domains, joined by whoever writes from there, and changed on a person's page.
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('an organisation is made, a person from its domain belongs to it, and is moved to none', async ({ page }) => {
  const stamp = Date.now();
  const name = `Nord ${stamp}`;
  await signIn(page, 'admin');
  await page.goto('/admin');
  await page.getByRole('link', { name: /^Organisations/ }).click();
  await expect(page.getByText('Lind & Sons')).toBeVisible();
  await live(page);
  const form = page.locator('form[action="/fn/save_organisation"]').last();
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Domains of its addresses').fill('gmail.com');
  await form.getByLabel('Domains of its addresses').press('Enter');
  await expect(form.getByRole('alert')).toContainText('Anybody can have an address at gmail.com.');
  await form.getByLabel('Domains of its addresses').fill(`nord${stamp}.example, @Süd`);
  await form.getByRole('button').click();
  await expect(form.getByRole('alert')).toContainText('“@Süd” is no domain');
  await form.getByLabel('Domains of its addresses').fill(`nord${stamp}.example`);
  await form.getByRole('checkbox').check();
  await form.getByRole('button').click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText(`nobody yet · nord${stamp}.example · see each other’s tickets`);
  await pictures(page, 'organisations');

  await page.goto('/admin/people');
  await live(page);
  await page.getByLabel('Name', { exact: true }).fill(`Nele ${stamp}`);
  await page.getByLabel('E-mail').fill(`nele@nord${stamp}.example`);
  await page.getByLabel('Role', { exact: true }).last().selectOption('END_USER');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('link', { name: `Nele ${stamp}` }).click();
  const organisation = page.getByRole('textbox', { name: /^Organisation/ });
  await expect(organisation).toHaveValue(name);
  await live(page);
  await organisation.fill('Nobody knows it');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'no organisation of this name' })).toBeVisible();
  await organisation.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.facts')).not.toContainText(name);
  await page.goto(`/admin/organisations?q=${stamp}`);
  await expect(row).toContainText('nobody yet');
  await expect(page.getByText('Lind & Sons')).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('an organisation is made, changed and deleted', async ({ page }) => {
    const name = `Ost ${Date.now()}`;
    await signIn(page, 'admin');
    await page.goto('/admin/organisations');
    const form = page.locator('form[action="/fn/save_organisation"]').last();
    await form.getByLabel('Name').fill(name);
    await form.getByLabel('Name').press('Enter');
    const row = page.getByRole('listitem').filter({ hasText: name });
    await row.locator('summary').click();
    await row.getByLabel('Name').fill(`${name} AG`);
    await row.getByRole('button', { name: 'Save the organisation' }).click();
    await row.locator('summary').click();
    await row.getByRole('button', { name: `Delete ${name} AG` }).click();
    await expect(row).toHaveCount(0);
  });
});
