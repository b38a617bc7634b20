// Problems: a ticket becomes one, others are linked to it, and its workaround goes into their answers.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';

test('a ticket becomes a problem, and the ones that come from it show its workaround', async ({ browser, page }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  const cause = await makeTicket(page, `The glimmerfax gateway ${mark} refuses faxes`);
  await page.goto(`/tickets/${cause}`);
  await live(page);
  const problem = page.getByRole('region', { name: 'Problem', exact: true });
  await page.locator('details[data-fold="problem"] > summary').press('Enter');
  await problem.getByLabel('Known error').check();
  await problem.getByRole('button', { name: 'Make it a problem' }).click();
  await expect(problem.getByRole('alert').filter({ hasText: 'please write one down' })).toBeVisible();
  await problem.getByLabel('Cause').fill('Its certificate has run out.');
  await problem.getByLabel('Workaround').fill('Send it from the glimmerfax web page.');
  await problem.getByRole('button', { name: 'Make it a problem' }).click();
  await expect(problem.getByRole('heading', { name: /known error/ })).toBeVisible();
  await expect(problem).toContainText('No ticket is linked to it yet.');

  const incident = await makeTicket(page, 'My faxes come back');
  const linked = await page.request.post('/fn/link_tickets', { form: { id: await idOf(page, incident), link_type: 'RELATED', ticket: cause } });
  expect(linked.ok()).toBeTruthy();
  await page.goto(`/tickets/${incident}`);
  await live(page);
  const errors = page.getByRole('region', { name: 'Known errors' });
  await expect(errors).toContainText('Send it from the glimmerfax web page.');
  await errors.getByRole('button', { name: `Text: put the workaround of ${cause} into the answer` }).click();
  await expect(page.getByLabel('Your text')).toHaveValue(/glimmerfax web page/);
  await accessible(page);
  await pictures(page, 'known-error');
  await errors.getByRole('link', { name: cause }).click();
  await page.waitForURL(`**/tickets/${cause}`);
  await live(page);
  await expect(problem).toContainText('1 ticket comes from it, 1 open.');
  await pictures(page, 'problem');

  await page.goto('/search?q=glimmerfax');
  await expect(page.getByRole('link', { name: new RegExp(`glimmerfax gateway ${mark}`) })).toContainText('Known error');

  // Without scripts.
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const reader = await plain.newPage();
  await reader.goto(`/tickets/${cause}`);
  await reader.locator('details[data-fold="problem"] > summary').click();
  await reader.getByRole('button', { name: 'It is no problem' }).click();
  await expect(reader.getByText('1 ticket comes from it')).toHaveCount(0);
  await plain.close();
});

/** The id that the ticket's forms send. */
async function idOf(page: import('@playwright/test').Page, number: string) {
  const text = await (await page.request.get(`/tickets/${number}`)).text();
  return /name="id" value="([0-9a-f-]{36})"/.exec(text)![1];
}
