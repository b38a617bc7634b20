// Settings: found, changed, refused where they are wrong, put back; and the desk in its own name and colours.
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('a setting is found, refused, changed and put back, and the desk goes by its own name and colours', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin');
  await page.getByRole('link', { name: /^Settings/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Branding' })).toBeVisible();
  await live(page);
  await pictures(page, 'settings');
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('take a reply back');
  await page.keyboard.press('Enter');
  await expect(page.locator('.setting')).toHaveCount(1);
  await live(page);
  const seconds = page.getByRole('textbox', { name: 'Time to take a reply back' });
  await seconds.fill('61');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'From 0 to 60, please.' })).toBeVisible();

  await page.goto('/admin/settings?q=branding');
  await live(page);
  const setting = (key: string) => page.locator('.setting').filter({ has: page.locator('code', { hasText: key }) });
  const set = async (key: string, value: string) => {
    await setting(key).getByRole('textbox').fill(value);
    await setting(key).getByRole('button', { name: 'Save' }).click();
  };
  await set('branding.primary_color', '#ffee00');
  await expect(setting('branding.primary_color').getByRole('alert')).toContainText('hard to read');
  await set('branding.primary_color', '#0f766e');
  await expect(setting('branding.primary_color')).toContainText('Changed');
  await set('branding.secondary_color', '#f59e0b');
  await expect(setting('branding.secondary_color')).toContainText('Changed');
  await set('branding.welcome', 'We are here from 8 to 18.');
  await expect(setting('branding.welcome')).toContainText('by Ada Admin');
  await set('branding.name', 'Acme Help');
  await expect(setting('branding.name')).toContainText('Changed');
  await page.goto('/portal');
  await expect(page).toHaveTitle('Help · Acme Help');
  await expect(page.getByText('We are here from 8 to 18.')).toBeVisible();
  const accent = await page.getByRole('button', { name: 'Ask for help' }).evaluate((button) => getComputedStyle(button).backgroundColor);
  expect(accent).toBe('rgb(15, 118, 110)');
  await pictures(page, 'branded-portal');

  await page.goto('/admin/settings?q=branding');
  await live(page);
  for (const key of ['name', 'welcome', 'primary_color', 'secondary_color']) {
    await setting(`branding.${key}`).getByRole('button', { name: /^Put back to/ }).click();
    await expect(setting(`branding.${key}`)).not.toContainText('Changed');
  }
  await page.goto('/portal');
  await expect(page).toHaveTitle('Help · Oxdesk');
});
