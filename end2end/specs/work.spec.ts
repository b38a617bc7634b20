// Working on a ticket: one journey for each thing an agent keeps beside it or decides about it.
import { accessible, expect, live, makeTicket, signIn, test, unfold } from '../support/fixtures';

test('solving needs a note, the requester reads it, reopens, and confirms at last', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'The monitor flickers');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByLabel('Status').selectOption('RESOLVED');
  const note = page.getByLabel('What solved it?');
  await expect(note, 'the field asks for what is missing').toBeFocused();
  await accessible(page);
  await note.fill('A new cable.');
  await page.locator('.said--note').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Resolved');

  const home = await browser.newContext();
  const requester = await home.newPage();
  await signIn(requester, 'user');
  await requester.goto(`/portal/requests/${number}`);
  await live(requester);
  await expect(requester.getByText('A new cable.')).toBeVisible();
  for (const [width, name] of [[1440, 'light-1440'], [390, 'light-390']] as const) {
    await requester.setViewportSize({ width, height: 900 });
    await requester.screenshot({ path: `../target/screenshots/portal-solved-${name}.png` });
  }
  await accessible(requester);
  await requester.getByRole('button', { name: 'No, please reopen it' }).click();
  await expect(requester.getByText('We are working on it.')).toBeVisible();
  await expect(page.locator('.talk__head .status'), 'the agent sees it at once').toHaveText('In progress');

  await page.getByLabel('Your text').fill('We replaced the graphics card too.');
  await page.getByRole('button', { name: 'Send and resolve' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Resolved');
  await requester.getByRole('button', { name: 'Yes, it is solved' }).click();
  await expect(requester.getByText('This request is closed.')).toBeVisible();
  await home.close();
});

test('a requester takes a request back, with a phone and without scripts', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Second keyboard');
  const phone = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const requester = await phone.newPage();
  await signIn(requester, 'user');
  await requester.goto(`/portal/requests/${number}`);
  await requester.getByText('I no longer need this').click();
  await requester.getByLabel('Why?').fill('Found one.');
  await requester.getByRole('button', { name: 'Cancel the request' }).click();
  await expect(requester.getByText('This request was cancelled.')).toBeVisible();
  await page.goto(`/tickets/${number}`);
  await expect(page.getByText('Cancelled: Found one.')).toBeVisible();
  await phone.close();
});

test('tickets are linked, merged and unmerged, and a message becomes its own ticket', async ({ page }) => {
  await signIn(page, 'agent');
  const one = await makeTicket(page, 'No network on floor two');
  const two = await makeTicket(page, 'Floor two is offline', 'requester@demo.test');
  await page.goto(`/tickets/${one}`);
  await live(page);
  await unfold(page, 'links');
  await page.getByLabel('This ticket').selectOption('BLOCKS');
  await page.getByLabel('Number', { exact: true }).fill('TKT-1999-0001');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(page.getByText('There is no such ticket')).toBeVisible();
  await page.getByLabel('Number', { exact: true }).fill(two);
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  const links = page.getByRole('region', { name: 'Links' });
  await expect(links.getByText('Floor two is offline')).toBeVisible();
  await links.getByRole('link', { name: /Floor two/ }).click();
  await expect(page.getByRole('heading', { name: 'Floor two is offline' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Links' }).locator('small', { hasText: 'Blocked by' })).toBeVisible();

  await page.goto(`/tickets/${two}`);
  await live(page);
  await unfold(page, 'merge');
  await page.getByLabel('Number of the ticket that goes on').fill(one);
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'No network on floor two' })).toBeVisible();
  await expect(page.getByText('Floor two is offline: please help.')).toBeVisible();
  await page.goto(`/tickets/${two}`);
  await expect(page, 'the old number opens where it went').toHaveURL(new RegExp(one));
  await live(page);
  await page.screenshot({ path: '../target/screenshots/ticket-merged-light-1440.png', fullPage: true });
  await accessible(page);
  await page.getByRole('button', { name: 'Unmerge' }).click();
  await expect(page.getByText('Floor two is offline: please help.')).toBeHidden();
  await page.goto(`/tickets/${two}`);
  await expect(page.getByRole('heading', { name: 'Floor two is offline' })).toBeVisible();

  await live(page);
  await page.getByLabel('Your text').fill('By the way: the beamer is broken too.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const message = page.locator('.message', { hasText: 'the beamer is broken' });
  await message.hover();
  await message.getByText('Split').click();
  await message.getByLabel('Subject of the new ticket').fill('Beamer');
  await message.getByRole('button', { name: 'Make a ticket' }).click();
  await expect(page.getByRole('heading', { name: 'Beamer' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Links' }).locator('small', { hasText: 'Related to' })).toBeVisible();
});

test('a checklist, watchers, copies and time stand beside the ticket', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'A new colleague on Monday');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await unfold(page, 'checklist');
  await page.getByLabel('One a line').fill('Account\nLaptop\nBadge');
  await page.getByRole('region', { name: 'Checklist' }).getByRole('button', { name: 'Add' }).click();
  await page.getByRole('checkbox', { name: 'Laptop' }).click();
  await expect(page.getByRole('checkbox', { name: 'Laptop' })).toBeChecked();
  await expect(page.getByText('1 of 3')).toBeVisible();
  await page.locator('.kept__row', { hasText: 'Badge' }).hover();
  await page.getByRole('button', { name: 'Take “Badge” away' }).click();
  await expect(page.getByText('1 of 2')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('1 of 3')).toBeVisible();

  await unfold(page, 'watchers');
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  const watchers = page.getByRole('region', { name: 'Watchers' });
  await expect(watchers.locator('.kept__row', { hasText: 'Ana Ruiz' })).toBeVisible();
  await unfold(page, 'watchers');
  await page.getByLabel('Copy of replies to').fill('boss@example.com');
  await watchers.getByRole('button', { name: 'Add' }).last().click();
  await expect(watchers.locator('.kept__row', { hasText: 'boss@example.com' })).toBeVisible();
  await expect(page.locator('.composer__to')).toContainText('cc boss@example.com');

  await unfold(page, 'time');
  await page.getByLabel('How long').fill('soon');
  const time = page.getByRole('region', { name: 'Time' });
  await time.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByText('Say how long')).toBeVisible();
  await page.getByLabel('How long').fill('1h 30m');
  await page.getByLabel('For what').fill('Set up the laptop');
  await time.getByRole('button', { name: 'Add' }).click();
  await expect(time.locator('.kept__row', { hasText: 'Set up the laptop' })).toBeVisible();
  await accessible(page);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `../target/screenshots/ticket-work-${scheme}-${width}.png`, fullPage: true });
    }
  }
});

test('a ticket is put off and comes back, is deleted and restored', async ({ page }) => {
  await signIn(page, 'manager');
  const number = await makeTicket(page, 'Not before Monday');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await unfold(page, 'follow-up');
  await page.getByRole('button', { name: 'Next week' }).click();
  await expect(page.getByText('Back on')).toBeVisible();
  await page.goto('/tickets?sort=created');
  await expect(page.getByRole('link', { name: /Not before Monday/ })).toBeHidden();
  await page.goto('/tickets?q=is:snoozed');
  await expect(page.getByRole('link', { name: /Not before Monday/ })).toBeVisible();
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByText('Back on')).toBeHidden();

  await unfold(page, 'delete');
  await page.getByLabel('Why', { exact: true }).fill('A test');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('deleted this ticket: A test')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('deleted this ticket: A test')).toBeHidden();
  await expect(page.getByLabel('Status')).toBeEnabled();
});

test('a draft survives reloading, and two windows do not overwrite each other', async ({ page, context }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Which printer is it?');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByLabel('Your text').fill('Dear colleague, ');
  await expect(page.getByText('Draft saved')).toBeVisible();
  await page.getByRole('radio', { name: 'Note' }).check({ force: true });
  await expect(page.getByLabel('Your text')).toHaveValue('');
  await page.getByLabel('Your text').fill('Ask Ben first');
  await expect(page.getByText('Draft saved')).toBeVisible();

  const other = await context.newPage();
  await other.goto(`/tickets/${number}`);
  await live(other);
  await expect(other.getByLabel('Your text')).toHaveValue('Dear colleague, ');
  await other.getByLabel('Your text').fill('Dear colleague, which one?');
  await expect(other.getByText('Draft saved')).toBeVisible();

  await page.getByRole('radio', { name: 'Reply' }).check({ force: true });
  await page.getByLabel('Your text').fill('Hello');
  await expect(page.getByText('You wrote this in another window:')).toBeVisible();
  await expect(page.getByRole('blockquote')).toHaveText('Dear colleague, which one?');
  await expect(page.getByLabel('Your text')).toHaveValue('Hello');
  await accessible(page);
  await page.getByRole('button', { name: 'Use that' }).click();
  await expect(page.getByLabel('Your text')).toHaveValue('Dear colleague, which one?');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('.message__text', { hasText: 'which one?' })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Your text')).toHaveValue('');
});

test('beside the ticket everything has a key', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'By hand');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.keyboard.press('l');
  await expect(page.getByLabel('This ticket')).toBeFocused();
  await page.locator('h1').click();
  await page.keyboard.press('m');
  await expect(page.getByLabel('Number of the ticket that goes on')).toBeFocused();
  await page.locator('h1').click();
  await page.keyboard.press('h');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Back on')).toBeVisible();
});

test('tags are offered as one types', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Slow since noon');
  await page.goto(`/tickets/${number}`);
  await live(page);
  // The answer to an earlier key comes last: it takes nothing away.
  let release = () => {};
  const released = new Promise<void>((resolve) => { release = resolve; });
  const late = (url: string, body: string | null) => url.includes('suggest_tags') && /beginning=slow(&|$)/.test(`${url}&${body ?? ''}`);
  await page.route('**/fn/suggest_tags*', async (route) => {
    if (late(route.request().url(), route.request().postData())) await released;
    await route.continue();
  });
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel(/^Tags/).pressSequentially('slow, net');
  const network = page.getByRole('button', { name: 'network' });
  await expect(network).toBeVisible();
  const overtaken = page.waitForResponse((response) => late(response.url(), response.request().postData()));
  release();
  await (await overtaken).finished();
  await network.click();
  await expect(page.getByLabel(/^Tags/)).toHaveValue('slow, network, ');
  await page.locator('.edit__form').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .tag', { hasText: 'network' })).toBeVisible();
});
