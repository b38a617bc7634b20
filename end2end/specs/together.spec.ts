// Several people at one ticket: who is there, two changes at once; and how it went in the end.
import { accessible, expect, live, makeTicket, signIn, test } from '../support/fixtures';

test('colleagues see each other at a ticket, and who is writing', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Who takes the switch?');
  await page.goto(`/tickets/${number}`);
  await live(page);
  const office = await browser.newContext();
  const colleague = await office.newPage();
  await signIn(colleague, 'manager');
  await colleague.goto(`/tickets/${number}`);
  await live(colleague);
  await expect(page.locator('.presence')).toContainText('Mona Manager is looking at this');
  await expect(colleague.locator('.presence')).toContainText('Ana Ruiz is looking at this');
  await colleague.getByLabel('Your text').pressSequentially('I have it');
  await expect(page.locator('.presence')).toContainText('Mona Manager is writing');
  await page.screenshot({ path: '../target/screenshots/presence-light-1440.png' });
  await accessible(page);
  // Her draft survives that the ticket changes hands.
  await page.getByLabel('Assignee').selectOption({ label: 'Ana Ruiz' });
  await expect(colleague.getByLabel('Assignee')).toHaveValue(await page.getByLabel('Assignee').inputValue());
  await expect(colleague.getByLabel('Your text')).toHaveValue('I have it');
  await colleague.getByRole('navigation').getByRole('link', { name: /Inbox/ }).click();
  await expect(page.locator('.presence')).toHaveText('');
  await office.close();
});

test('a change that came too late shows both, and whoever made it decides', async ({ page, context }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Two at one lever');
  // This browser hears of nothing.
  await page.route('**/events*', (route) => route.fulfill({ status: 204 }));
  await page.goto(`/tickets/${number}`);
  await expect(page.locator('.composer__marks')).toBeVisible();
  const other = await context.newPage();
  await other.goto(`/tickets/${number}`);
  await live(other);
  await other.getByLabel('Priority').selectOption('LOW');
  await expect(other.getByText('set the priority to Low')).toBeVisible();
  await page.getByLabel('Priority').selectOption('CRITICAL');
  const both = page.getByRole('alert').filter({ hasText: 'Someone else changed this ticket' });
  await expect(both.getByRole('row', { name: /Priority/ })).toContainText('Low');
  await expect(both.getByRole('row', { name: /Priority/ })).toContainText('Critical');
  await page.screenshot({ path: '../target/screenshots/conflict-light-1440.png' });
  await accessible(page);
  await expect(other.getByLabel('Priority'), 'nothing is overwritten').toHaveValue('LOW');
  await both.getByRole('button', { name: 'Use mine' }).click();
  await expect(both).toHaveCount(0);
  await expect(other.getByLabel('Priority')).toHaveValue('CRITICAL');
});

test('what is being written into a form stays when a colleague does something, until one asks for it', async ({ page, context }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Typed away');
  await page.goto(`/tickets/${number}`);
  await live(page);
  const colleague = await context.newPage();
  await colleague.goto(`/tickets/${number}`);
  await live(colleague);
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel('Subject').fill('Typed away, half of i');
  await colleague.getByLabel('Priority').selectOption('HIGH');
  await expect(colleague.getByText('set the priority to High')).toBeVisible();
  const waits = page.getByRole('button', { name: 'Show what changed' });
  await expect(waits).toBeVisible();
  await page.getByLabel('Subject').press('End');
  await page.getByLabel('Subject').pressSequentially('t');
  await expect(page.getByLabel('Subject')).toHaveValue('Typed away, half of it');
  await page.screenshot({ path: '../target/screenshots/waiting-change-light-1440.png' });
  await accessible(page);
  await waits.click();
  await expect(page.getByText('set the priority to High')).toBeVisible();
  await expect(waits).toHaveCount(0);
  await expect(page.getByLabel('Subject'), 'what was written is still there').toHaveValue('Typed away, half of it');
  await page.locator('.edit__form').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Typed away, half of it' })).toBeVisible();
  await expect(page.getByLabel('Subject'), 'its form has done its part').toBeHidden();
  // An open form alone waits too: nothing closes it under whoever is about to write.
  await page.getByText('Edit', { exact: true }).click();
  await colleague.getByLabel('Priority').selectOption('LOW');
  await expect(waits).toBeVisible();
  await expect(page.getByLabel('Subject')).toBeVisible();
  await page.getByText('Edit', { exact: true }).click();
  await expect(page.getByText('set the priority to Low')).toBeVisible();
});

test('a picture is pasted into an answer, another dropped, and one taken away again', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'What does it look like?');
  await page.goto(`/tickets/${number}`);
  await live(page);
  const bring = (kind: 'paste' | 'drop', name: string) => page.getByLabel('Your text').evaluate((area, [kind, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0])], name, { type: 'image/png' }));
    const event = kind === 'paste'
      ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
      : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
    area.dispatchEvent(event);
  }, [kind, name]);
  await bring('paste', 'screen.png');
  await bring('drop', 'door.png');
  await expect(page.locator('.composer__file')).toHaveText(['screen.png', 'door.png']);
  await page.getByRole('button', { name: 'Take door.png away' }).click();
  await expect(page.locator('.composer__file')).toHaveText(['screen.png']);
  await page.getByLabel('Your text').fill('Like this.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('.stream').getByRole('link', { name: /screen.png/ })).toBeVisible();
  await expect(page.locator('.composer__file')).toHaveCount(0);
});

test('whoever asked says how it went, and the service desk reads it', async ({ browser, page }) => {
  await signIn(page, 'manager');
  const number = await makeTicket(page, 'The clock is wrong');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByLabel('Status').selectOption('CLOSED');
  await page.getByLabel('What solved it?').fill('We set it right.');
  await page.locator('.said--note').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Closed');
  const home = await browser.newContext();
  const asker = await home.newPage();
  await signIn(asker, 'user');
  await asker.goto(`/portal/requests/${number}#rate`);
  await live(asker);
  // With the keyboard alone.
  await asker.getByRole('radio', { name: 'Very good' }).focus();
  await asker.keyboard.press('ArrowRight');
  await expect(asker.getByRole('radio', { name: 'Good', exact: true })).toBeChecked();
  await asker.getByLabel('Anything we should know?').fill('It was quick.');
  for (const [width, scheme] of [[1440, 'light'], [390, 'dark']] as const) {
    await asker.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await asker.setViewportSize({ width, height: 900 });
    await asker.screenshot({ path: `../target/screenshots/rating-${scheme}-${width}.png`, fullPage: true });
    await accessible(asker);
  }
  await asker.getByRole('region', { name: 'How did it go?' }).getByRole('button', { name: 'Send' }).click();
  await expect(asker.getByText('Thank you for telling us')).toBeVisible();
  await expect(page.locator('.rated')).toContainText('4 of 5');
  await page.getByRole('navigation').getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByText('It was quick.').first()).toBeVisible();
  await page.screenshot({ path: '../target/screenshots/reports-filled-light-1440.png', fullPage: true });
  await accessible(page);
  await home.close();
});

test('a list is grouped, shows other columns, stands beside a ticket, and a row is taken without opening it', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, `Take me ${Date.now()}`);
  await page.goto('/tickets?sort=created');
  await live(page);
  await page.getByRole('button', { name: 'Group none' }).click();
  await page.getByRole('link', { name: 'Status', exact: true }).click();
  await expect(page.getByRole('region', { name: 'New', exact: true }).getByRole('link', { name: new RegExp(number) })).toBeVisible();
  await page.getByRole('button', { name: 'Columns 3' }).click();
  await page.getByRole('link', { name: 'Requester' }).click();
  await expect(page).toHaveURL(/cols=tags%2Crequester/);
  await expect(page.getByRole('link', { name: new RegExp(number) })).toContainText('Uli User');
  await page.getByRole('button', { name: 'Save as view' }).click();
  await page.getByLabel('Name').fill('By status');
  await page.getByRole('button', { name: 'Save the view' }).click();
  const view = page.getByRole('navigation').getByRole('link', { name: /By status/ });
  await expect(view).toHaveAttribute('href', /group=status/);

  await page.getByRole('link', { name: 'Side by side' }).click();
  await page.getByRole('link', { name: new RegExp(number) }).click();
  await expect(page).toHaveURL(/open=TKT-/);
  await expect(page.locator('.split__beside').getByRole('heading', { level: 1 })).toContainText('Take me');
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/list-beside-ticket-light-1440.png' });
  await page.getByRole('link', { name: 'Side by side' }).click();

  await page.goto('/tickets?sort=created');
  await live(page);
  const row = page.locator('.rows li', { hasText: number });
  await row.hover();
  await row.getByRole('button', { name: `Take it: ${number}` }).click();
  await expect(row.getByText('Assigned to Ana Ruiz')).toBeAttached();
  await row.hover();
  await row.getByRole('button', { name: `Put off until tomorrow: ${number}` }).click();
  await expect(row).toHaveCount(0);
  const delete_ = page.request.post('/fn/delete_view', { form: { id: '01a20447-622c-7c22-b43e-6aeafcc25b41' } });
  expect((await delete_).status()).toBe(404);
});

test('whoever follows a link from a mail makes an account with its address, and then has all of their requests', async ({ browser, page, request }) => {
  const email = `olga${Date.now()}@example.com`;
  for (const subject of ['The first lamp', 'The second lamp']) {
    await request.post('/portal/new', { multipart: { subject, description: 'It is dark.', requester_email: email, requester_name: 'Olga Berg', website: '' } });
  }
  await signIn(page, 'admin');
  await page.goto('/admin/outbox');
  const link = (await page.content()).match(/\/portal\/link\/[\w.-]+/)![0];
  const home = await browser.newContext();
  const guest = await home.newPage();
  await guest.goto(link);
  await guest.getByRole('link', { name: 'Make an account' }).click();
  await expect(guest.getByLabel('E-mail')).toHaveValue(email);
  await guest.getByLabel('Password').fill('a long and quiet evening');
  await guest.getByRole('button', { name: 'Make the account' }).click();
  await expect(guest.getByText('Open the link in the mail')).toBeVisible();
  await page.goto('/admin/outbox');
  const verify = (await page.content()).match(/\/verify\/[\w.-]+/)![0];
  await guest.goto(verify);
  await guest.getByRole('button').first().click();
  await expect(guest).toHaveURL(/\/login/);
  await guest.getByLabel('E-mail').fill(email);
  await guest.getByLabel('Password').fill('a long and quiet evening');
  await guest.getByRole('button', { name: 'Sign in' }).click();
  await guest.waitForURL(/\/portal$/);
  await guest.goto('/portal/requests');
  await expect(guest.getByRole('link', { name: /The first lamp/ })).toBeVisible();
  await expect(guest.getByRole('link', { name: /The second lamp/ })).toBeVisible();
  await home.close();
});
