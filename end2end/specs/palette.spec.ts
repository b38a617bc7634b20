import { accessible, expect, live, makeTicket, signIn, test } from '../support/fixtures';

test('the palette goes to any ticket, view and page, and acts on the ticket that is shown', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'The elevator sings');
  await live(page);
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Go to or do' });
  await expect(field).toBeFocused();
  await field.fill('elevator sings');
  await expect(page.getByRole('option', { name: /The elevator sings/ })).toBeVisible();
  await accessible(page);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `../target/screenshots/palette-${scheme}-1440.png` });
  }
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(number));
  await expect(field).toBeHidden();

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option', { name: /The elevator sings Recent/ })).toBeVisible();
  await field.fill('internal');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Your text')).toBeFocused();
  await expect(page.getByRole('radio', { name: 'Note' })).toBeChecked();

  await page.locator('h1').click();
  await page.keyboard.press('Control+k');
  await field.fill('unassi');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/assignee/);
  await expect(field).toBeHidden();
  await page.keyboard.press('Control+k');
  await field.fill(number);
  await expect(page.getByRole('option', { name: new RegExp(`${number} The elevator`) })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'The elevator sings' })).toBeVisible();
});
