// Roles: made of what they may do, changed, deleted.
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('a role is made, changed and deleted, and what all administrators may do stays', async ({ page }) => {
  const name = `READER_${Date.now()}`;
  await signIn(page, 'admin');
  await page.goto('/admin/roles');
  await live(page);
  await pictures(page, 'roles');
  const fresh = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New role' }) });
  await fresh.getByLabel(/^Name/).fill(name);
  await fresh.getByLabel('Read reports').check();
  await fresh.getByRole('button', { name: 'Save the role' }).click();
  const matrix = page.getByRole('region', { name: 'What roles may do' });
  await expect(matrix.getByRole('columnheader', { name })).toBeVisible();
  const row = page.locator('.arranged', { hasText: name });
  await row.locator('summary').click();
  await row.getByLabel('Read the audit log').check();
  await row.getByRole('button', { name: 'Save the role' }).click();
  await expect(matrix.getByRole('row', { name: /^Read the audit log/ }).getByText('yes')).toHaveCount(2);
  const admins = page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: /^ADMIN$/ }) });
  await admins.locator('summary').click();
  await expect(admins.getByRole('checkbox')).toHaveCount(0);
  await row.locator('summary').click();
  await row.getByRole('button', { name: `Delete ${name}` }).click();
  await expect(matrix.getByRole('columnheader', { name })).toHaveCount(0);
});
