import { accessible, expect, live, signIn, test } from '../support/fixtures';

test('an agent filters with tokens, keeps the list as a view, and lets it go again', async ({ page }) => {
  await signIn(page, 'agent');
  await live(page);
  const bar = page.getByRole('searchbox', { name: 'Filter' });
  await bar.fill('priority:critical queue:network');
  await bar.press('Enter');
  await expect(page).toHaveURL(/q=priority/);
  await expect(page.getByRole('link', { name: /VPN drops every ten minutes/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /Printer on floor 3/ })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Priority Critical' }), 'the menu says the same').toBeVisible();

  await bar.fill('priority:purple');
  await bar.press('Enter');
  await expect(page.getByText('is no filter')).toBeVisible();
  await accessible(page);

  await page.getByRole('button', { name: 'Priority any' }).click();
  await page.getByRole('link', { name: 'High', exact: true }).click();
  await expect(page.getByRole('link', { name: /Printer on floor 3/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /VPN drops every ten minutes/ })).toBeHidden();

  await page.getByRole('button', { name: 'Save as view' }).click();
  await page.getByLabel('Name').fill('High ones');
  await page.screenshot({ path: '../target/screenshots/save-view-light-1440.png' });
  await page.getByRole('button', { name: 'Save the view' }).click();
  const view = page.getByRole('navigation').getByRole('link', { name: /High ones/ });
  await expect(view).toBeVisible();
  await page.goto('/tickets');
  await live(page);
  await view.click();
  await expect(page.getByRole('link', { name: /Printer on floor 3/ })).toBeVisible();
  await expect(view).toHaveAttribute('aria-current', 'page');
  await page.getByRole('button', { name: 'Save as view' }).click();
  await page.getByRole('button', { name: /Delete/ }).click();
  await expect(view).toBeHidden();
});
