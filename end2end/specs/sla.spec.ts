// What is promised, when it is due, and why then.
import { accessible, expect, live, makeTicket, signIn, test } from '../support/fixtures';

test('a calendar and a policy are made, and a ticket says when it is due and why', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'manager');
  await page.goto('/admin/service-levels');
  await live(page);
  const calendar = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New calendar' }) });
  await calendar.getByLabel('Name').fill(`Hours ${mark}`);
  await calendar.getByLabel('Time zone').fill('Europe/Atlantis');
  await calendar.getByLabel('Monday').fill('nine to five');
  await calendar.getByRole('button', { name: 'Save the calendar' }).click();
  await expect(calendar.getByRole('alert')).toContainText('is no shift');
  await calendar.getByLabel('Monday').fill('09:00-12:00, 13:00-17:00');
  await calendar.getByRole('button', { name: 'Save the calendar' }).click();
  await expect(calendar.getByRole('alert')).toContainText('is no time zone');
  await calendar.getByLabel('Time zone').fill('Europe/Berlin');
  await calendar.getByLabel('Holidays').fill('12-25 Christmas\n2026-12-24 12:00-24:00 Half a day');
  await calendar.getByRole('button', { name: 'Save the calendar' }).click();
  await expect(page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: `Hours ${mark}` }) })).toContainText('Mon 09:00-12:00, 13:00-17:00');

  const policy = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New policy' }) });
  await policy.getByLabel('Name').fill(`Printers ${mark}`);
  await policy.getByLabel('Priority').selectOption('LOW');
  await policy.getByLabel('Counted over').selectOption({ label: `Hours ${mark}` });
  await policy.getByLabel('First answer within').fill('0');
  await policy.getByLabel('Solved within').fill('480');
  await policy.getByLabel('Tagged').fill(`sla${mark}`);
  await policy.getByLabel('Which promise').first().selectOption('FIRST_RESPONSE');
  await policy.getByLabel('When').first().fill('-30');
  await policy.getByLabel('What is done').first().selectOption('notify_assignee');
  await policy.getByRole('button', { name: 'Save the policy' }).click();
  await expect(policy.getByRole('alert')).toContainText('minutes of working time');
  await policy.getByLabel('First answer within').fill('60');
  await policy.getByRole('button', { name: 'Save the policy' }).click();
  const row = page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: `Printers ${mark}` }) });
  await expect(row).toContainText('answer in 1 h · solution in 8 h');
  await expect(row).toContainText('1 step');
  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `../target/screenshots/service-levels-${scheme}-${width}.png`, fullPage: true });
    await accessible(page);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });

  const number = await makeTicket(page, `Paper jam ${mark}`);
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel(/^Tags/).fill(`sla${mark}`);
  await page.locator('.edit__form').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .tag', { hasText: `sla${mark}` })).toBeVisible();
  await page.getByLabel('Priority').selectOption('LOW');
  const why = page.getByRole('region', { name: 'Deadlines' });
  await expect(why).toContainText(`Printers ${mark}, over Hours ${mark}`);
  await why.locator('summary', { hasText: 'Resolution' }).focus();
  await page.keyboard.press('Enter');
  await expect(why.getByText('8 h of work were promised.')).toBeVisible();
  await expect(why.locator('.why__part--work').first()).toBeAttached();
  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `../target/screenshots/why-${scheme}-${width}.png`, fullPage: true });
  }
  await accessible(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByLabel('Status').selectOption('WAITING');
  await expect(why).toContainText('stands still');

  await page.goto('/admin/service-levels');
  await row.locator('summary').click();
  await row.getByRole('button', { name: 'Remove this policy' }).click();
  await expect(row).toHaveCount(0);
});
