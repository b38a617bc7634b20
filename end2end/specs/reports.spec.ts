// A manager sees how the desk does: figures, pictures, tables, and takes them along.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';

test('a manager sees how the desk does, chooses days and a breakdown, and takes it along', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/reports');
  await live(page);
  const tickets = page.getByRole('region', { name: 'Tickets' });
  await expect(tickets.getByRole('heading', { name: 'By queue' })).toBeVisible();
  const created = tickets.locator('.tile', { hasText: 'Created' }).locator('b');
  expect(Number(await created.textContent()), 'the demo desk has tickets').toBeGreaterThan(3);
  // What the tiles say, the table adds up to.
  await expect(tickets.locator('tfoot td').first()).toHaveText((await created.textContent())!);
  await pictures(page, 'reports-tickets');

  // With the keyboard alone.
  await page.getByLabel('by', { exact: true }).focus();
  await page.keyboard.press('a');
  await expect(page.getByLabel('by', { exact: true })).toHaveValue('ASSIGNEE');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(tickets.getByRole('heading', { name: 'By assignee' })).toBeVisible();
  await expect(page).toHaveURL(/by=ASSIGNEE/);
  await page.getByRole('link', { name: '365 days' }).click();
  await expect(tickets.getByText('every 7 days')).toBeVisible();
  await expect(page.getByRole('link', { name: '365 days' })).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('link', { name: '30 days' })).not.toHaveAttribute('aria-current', /.*/);
  await tickets.getByText('As a table').click();
  await expect(tickets.getByRole('columnheader', { name: 'Open at the end' })).toBeVisible();
  await accessible(page);

  const address = await page.getByRole('link', { name: 'This table as CSV' }).getAttribute('href');
  const answer = await page.request.get(address!);
  expect(answer.headers()['content-type']).toBe('text/csv; charset=utf-8');
  expect(await answer.text()).toMatch(/^Assignee,Created,Solved,/);
});

test('without scripts the same is asked for with a form', async ({ browser, page }) => {
  await signIn(page, 'manager');
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const still = await plain.newPage();
  await still.goto('/reports');
  await still.getByLabel('by', { exact: true }).selectOption('PRIORITY');
  await still.getByRole('button', { name: 'Show' }).click();
  await expect(still.getByRole('heading', { name: 'By priority' })).toBeVisible();
  await expect(still.locator('.chart svg rect.chart__created').first()).toBeAttached();
  await still.goto('/reports?from=2026-05-02&to=2026-05-01');
  await expect(still.getByText('The last day comes before the first.')).toBeVisible();
  await plain.close();
});

test('the wallboard says how the desk stands, and hears what happens', async ({ browser, page }) => {
  await signIn(page, 'manager');
  await page.goto('/wallboard');
  await live(page);
  await expect(page.getByRole('region', { name: 'Due next' }).getByRole('listitem').first()).toBeVisible();
  const open = page.locator('.wall__figures > div', { hasText: 'Open' }).locator('dd');
  await pictures(page, 'wallboard');
  const home = await browser.newContext();
  const agent = await home.newPage();
  await signIn(agent, 'agent');
  const number = await makeTicket(agent, `The wall ${Date.now()}`);
  await agent.goto(`/tickets/${number}`);
  await live(agent);
  await expect(page.getByRole('region', { name: 'At work' }).getByText('reading').first()).toBeVisible();
  await expect(open).not.toHaveText('0');
  await home.close();
});

test('what is chosen in a list, and where one is, stays with its ticket when others come', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const mark = `stays${Date.now()}`;
  const first = await makeTicket(page, `${mark} first`);
  await page.goto(`/tickets?q=${mark}&sort=created`);
  await live(page);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const pick = page.getByRole('checkbox', { name: `Choose ${first}` });
  await expect(pick).toBeChecked();
  const home = await browser.newContext();
  const other = await home.newPage();
  await signIn(other, 'agent');
  const second = await makeTicket(other, `${mark} second`);
  // Nothing moves while something is chosen; shown when it is asked for.
  await page.getByRole('button', { name: 'Show what changed' }).click();
  await expect(page.getByRole('checkbox', { name: `Choose ${second}` })).not.toBeChecked();
  await expect(pick).toBeChecked();
  await home.close();
});
