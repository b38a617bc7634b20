import { expect, live, signIn, test } from '../support/fixtures';

test('a person asks, an agent answers, the person sees it without reloading', async ({ browser, page }) => {
  const subject = `The badge reader is silent ${Date.now()}`;
  await signIn(page, 'requester');
  await page.getByLabel('What is wrong?').fill(subject);
  await page.getByRole('button', { name: 'Ask for help' }).click();
  await page.getByRole('link', { name: 'Something else' }).click();
  await expect(page.getByLabel('In a sentence')).toHaveValue(subject);
  await page.getByLabel('What happened').fill('Nobody gets in at the north door.');
  await page.getByLabel('Files or pictures').setInputFiles({ name: 'door.txt', mimeType: 'text/plain', buffer: Buffer.from('a picture of a door') });
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  await expect(page.getByRole('heading', { name: subject })).toBeVisible();
  await expect(page.getByRole('link', { name: /door.txt/ })).toBeVisible();
  await live(page);
  const number = page.url().split('/').pop()!;

  const office = await browser.newContext();
  const desk = await office.newPage();
  await signIn(desk, 'agent');
  await desk.goto('/tickets?sort=created');
  await desk.getByRole('link', { name: new RegExp(subject) }).click();
  await expect(desk.getByRole('heading', { name: subject })).toBeVisible();
  await live(desk);
  await desk.getByRole('radio', { name: 'Note' }).check({ force: true });
  await desk.getByLabel('Your text').fill('The controller was replaced yesterday.');
  await desk.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(desk.getByText('Internal note')).toBeVisible();
  await desk.getByRole('radio', { name: 'Reply' }).check({ force: true });
  await desk.getByLabel('Your text').fill('We are on our way.');
  await desk.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(desk.locator('.message__text', { hasText: 'We are on our way.' })).toBeVisible();
  await expect(desk.locator('.talk__head .status')).toHaveText('In progress');

  await expect(page.getByText('We are on our way.')).toBeVisible();
  await expect(page.getByText('The controller was replaced')).toHaveCount(0);
  await page.getByLabel('Your text').fill('Thank you!');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(desk.getByText('Thank you!')).toBeVisible();
  await desk.goto(`/tickets?q=${number}`);
  await expect(desk.getByRole('link', { name: new RegExp(number) })).toBeVisible();
  await office.close();
});

test('an agent changes a ticket, and a colleague who was slower is told', async ({ browser, page }) => {
  await signIn(page, 'agent');
  await page.goto('/tickets/new');
  await page.getByLabel('Who asks?').fill('user@demo.test');
  await page.getByLabel('Subject').fill('Two at once');
  await page.getByLabel('What happened?').fill('Both change it.');
  await page.getByRole('button', { name: 'Create the ticket' }).click();
  await page.waitForURL(/\/tickets\/TKT-/);
  await live(page);

  // The colleague's browser runs no scripts: it does not notice that the ticket changed.
  const office = await browser.newContext({ javaScriptEnabled: false });
  const slow = await office.newPage();
  await signIn(slow, 'manager');
  await slow.goto(page.url());
  await page.getByLabel('Priority').selectOption('HIGH');
  await expect(page.getByText('set the priority to High')).toBeVisible();
  await slow.getByLabel('Status').selectOption('WAITING');
  await slow.getByRole('group', { name: 'Properties' }).getByRole('button', { name: 'Save' }).click();
  await expect(slow.getByText('Someone else changed this ticket meanwhile')).toBeVisible();
  await expect(slow.getByLabel('Priority')).toHaveValue('HIGH');
  await office.close();
});

test('the list moves by itself when a ticket comes in', async ({ page, request }) => {
  await signIn(page, 'agent');
  await page.goto('/tickets?sort=created');
  await live(page);
  const subject = `From the form ${Date.now()}`;
  const answer = await request.post('/portal/new', { multipart: { subject, description: 'x', requester_email: 'someone@example.com', website: '' } });
  expect(answer.ok()).toBeTruthy();
  await expect(page.getByRole('link', { name: new RegExp(subject) })).toBeVisible();
});

test('no row moves under the pointer: what comes in waits until it leaves', async ({ page, request }) => {
  await signIn(page, 'agent');
  await page.goto('/tickets?sort=created');
  await live(page);
  const first = page.locator('.rows .row').first();
  const before = await first.innerText();
  await first.hover();
  const subject = `While one points ${Date.now()}`;
  expect((await request.post('/portal/new', { multipart: { subject, description: 'x', requester_email: 'someone@example.com', website: '' } })).ok()).toBeTruthy();
  await expect(page.getByRole('button', { name: 'Show what changed' })).toBeVisible();
  expect(await first.innerText()).toBe(before);
  await page.getByRole('heading', { level: 1 }).hover();
  await expect(page.locator('.rows .row').first()).toContainText(subject);
});
