// The audit log: found by who and what, read before and after, checked, and taken along.
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('what an administrator changed is found in the log with what was there before, and the chain is checked', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/settings?q=audit.retention_days');
  await live(page);
  const setting = page.locator('.setting');
  await setting.getByRole('textbox').fill('30');
  await setting.getByRole('button', { name: 'Save' }).click();
  await expect(setting.getByRole('alert')).toContainText('0, or from 90 to 36500, please.');
  const days = String(1000 + (Date.now() % 9000));
  await setting.getByRole('textbox').fill(days);
  await setting.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.').first()).toBeVisible();

  await page.goto('/admin');
  await page.getByRole('link', { name: /^Audit log/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  await live(page);
  await pictures(page, 'audit');
  const search = page.getByRole('search', { name: 'Audit log' });
  await search.getByLabel('To what').selectOption('SETTING');
  await search.getByRole('searchbox').fill('admin@demo.test');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/entity_type=SETTING/);
  const entry = page.locator('.audit__entry', { hasText: 'audit.retention_days' }).first();
  await entry.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(entry.getByRole('row', { name: new RegExp(`^value \\d+ ${days}$`) })).toBeVisible();
  await expect(entry).toContainText('SESSION');
  await live(page);
  await pictures(page, 'audit-entry');
  await entry.getByRole('link', { name: 'All that happened to it' }).click();
  await expect(page.getByText('Only what happened to setting audit.retention_days.')).toBeVisible();
  await expect(search.getByRole('searchbox')).toHaveValue('');

  const [table] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  expect(table.suggestedFilename()).toBe('audit.csv');
  await page.getByRole('button', { name: 'Check the chain' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The chain is whole' })).toBeVisible();
  await page.goto('/admin/audit?entity_type=AUDIT_LOG');
  await expect(page.locator('.audit__entry').first()).toContainText('export');

  await page.goto('/admin/settings?q=audit.retention_days');
  await live(page);
  await setting.getByRole('button', { name: /^Put back to/ }).click();
  await expect(setting).not.toContainText('Changed');
});
