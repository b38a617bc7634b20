// Being told: the bell across two browsers, the list, one's own choice, and the link in a mail that ends mails.
import { accessible, expect, live, makeTicket, signIn, test } from '../support/fixtures';

test('the bell rings in the other browser, and opening the ticket reads what was told', async ({ browser, page }) => {
  await signIn(page, 'agent');
  await page.goto('/notifications');
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await live(page);
  const desk = await browser.newContext();
  const colleague = await desk.newPage();
  await signIn(colleague, 'manager');
  const subject = `The fountain is dry ${Date.now()}`;
  const number = await makeTicket(colleague, subject);
  for (const text of ['@Ana Ruiz please look', '@Ana Ruiz it is urgent']) {
    await colleague.request.post(`/tickets/${number}/comments`, { multipart: { comment: text, kind: 'note' } });
  }
  const line = page.locator('.told').getByRole('link', { name: subject });
  await expect(line).toContainText(/mentioned you, and 1 more/);
  await expect(page.locator('.rail__unread')).toBeVisible();
  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `../target/screenshots/notifications-${scheme}-${width}.png` });
    await accessible(page);
  }
  await page.setViewportSize({ width: 1440, height: 900 });

  // With the keyboard alone.
  await line.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/tickets/${number}`));
  // Whoever turns away before it is there has not seen it.
  await expect(page.getByRole('heading', { name: subject })).toBeVisible();
  await page.getByRole('link', { name: 'Notifications' }).click();
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await expect(line).toHaveCount(0);
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await expect(line).toBeVisible();

  // A ticket that is being looked at needs no bell.
  await page.goto(`/tickets/${number}`);
  await live(page);
  await colleague.request.post(`/tickets/${number}/comments`, { multipart: { comment: '@Ana Ruiz once more', kind: 'note' } });
  await expect(page.getByText('once more')).toBeVisible();
  await page.goto('/notifications');
  await live(page);
  await expect(line).toHaveCount(0);

  // Muted, it is heard of only by name.
  await page.goto(`/tickets/${number}`);
  await page.locator('details[data-fold="watchers"] > summary').click();
  await page.getByRole('button', { name: 'Hear only when I am mentioned' }).click();
  await page.locator('details[data-fold="watchers"] > summary').click();
  await expect(page.getByRole('button', { name: 'Hear of this ticket again' })).toBeVisible();
  await desk.close();
});

test('everyone chooses what they are told and where; the link in a mail ends one kind', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/account');
  await live(page);
  const reply = page.getByRole('checkbox', { name: 'A reply by mail' });
  const was = await reply.isChecked();
  await reply.setChecked(!was);
  await page.getByLabel('Mails go').selectOption('DAILY');
  await page.getByLabel('Your time zone').fill('Europe/Atlantis');
  await page.getByLabel('No mails from').fill('22:00');
  await page.getByLabel('until').fill('07:00');
  await page.getByRole('button', { name: 'Save what you are told' }).click();
  await expect(page.getByText('“Europe/Atlantis” is no time zone')).toBeVisible();
  await page.getByLabel('Your time zone').fill('Europe/Berlin');
  await page.getByRole('button', { name: 'Save what you are told' }).click();
  await expect(page.locator('.toasts').getByText('Saved.')).toBeVisible();
  await page.reload();
  await expect(reply).toBeChecked({ checked: !was });
  await expect(page.getByLabel('Your time zone')).toHaveValue('Europe/Berlin');
  await expect(page.getByLabel('until')).toHaveValue('07:00');
  for (const [width, scheme] of [[1440, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `../target/screenshots/choices-${scheme}-${width}.png`, fullPage: true });
    await accessible(page);
  }
  await page.goto('/unsubscribe/COMMENT_ADDED.aaaa');
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/unsubscribe-dark-390.png' });
  await page.getByRole('button', { name: 'No more mails' }).click();
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('notifications are listed, filtered and read', async ({ browser, page }) => {
    await signIn(page, 'manager');
    const desk = await browser.newContext();
    const colleague = await desk.newPage();
    await signIn(colleague, 'admin');
    const subject = `The bell tower ${Date.now()}`;
    const number = await makeTicket(colleague, subject);
    await colleague.request.post(`/tickets/${number}/comments`, { multipart: { comment: '@Mona Manager look', kind: 'note' } });
    await expect(async () => {
      await page.goto('/notifications?type=MENTION');
      await expect(page.getByRole('link', { name: subject })).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.getByLabel('What for').selectOption('TICKET_RETURNED');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(page.getByRole('link', { name: subject })).toHaveCount(0);
    await page.goto('/notifications');
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await expect(page).toHaveURL(/\/notifications/);
    await expect(page.getByRole('link', { name: subject })).toHaveCount(0);
    await desk.close();
  });
});

test('a requester sees on which request something is new, until it is opened', async ({ browser, page }) => {
  const desk = await browser.newContext();
  const agent = await desk.newPage();
  await signIn(agent, 'agent');
  const subject = `Keyboard ${Date.now()}`;
  const number = await makeTicket(agent, subject, 'requester@demo.test');
  await signIn(page, 'requester');
  await agent.request.post(`/tickets/${number}/comments`, { multipart: { comment: 'We bring you another one.', kind: 'reply' } });
  await desk.close();
  const mine = page.locator('.panel li', { hasText: subject });
  await expect(async () => {
    await page.goto('/portal/requests');
    await expect(mine.getByText('News')).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 40_000 });
  await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('with news');
  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `../target/screenshots/portal-news-${scheme}-${width}.png`, fullPage: true });
    await accessible(page);
  }
  await mine.getByRole('link').click();
  await expect(page.getByText('We bring you another one.')).toBeVisible();
  await page.goto('/portal/requests');
  await expect(mine).toBeVisible();
  await expect(mine.getByText('News')).toHaveCount(0);
});
