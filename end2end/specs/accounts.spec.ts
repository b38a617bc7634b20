// People and roles: invited, found, given a role, switched off; and a role made of what it may do.
import { readFileSync } from 'node:fs';
import { expect, live, pictures, signIn, test } from '../support/fixtures';

test('someone is invited, chooses a password, gets another role, and is switched off while signed in', async ({ browser, page }) => {
  const stamp = Date.now();
  const email = `nora${stamp}@example.com`;
  await signIn(page, 'admin');
  await page.goto('/admin');
  await page.getByRole('link', { name: /^People/ }).last().click();
  await expect(page.getByRole('link', { name: 'Ada Admin' })).toBeVisible();
  await live(page);
  await page.getByLabel('Name', { exact: true }).fill(`Nora N${stamp}`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Role', { exact: true }).last().selectOption('AGENT');
  await page.getByRole('button', { name: 'Invite' }).click();
  // Whoever invites one often invites another: the list has them, the form is empty again.
  await page.getByRole('link', { name: `Nora N${stamp}` }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Nora N${stamp}` })).toBeVisible();
  const person = page.url();
  await expect(page.locator('.facts')).toContainText('a link to choose one is good until');
  await expect(page.getByText('Work tickets of their queues')).toBeVisible();
  await live(page);
  await pictures(page, 'person');

  await page.goto('/admin/outbox');
  const mail = page.locator('.mail', { hasText: email }).first();
  await mail.locator('summary').click();
  const link = (await mail.locator('pre').innerText()).match(/http\S+\/reset\/\S+/)![0];
  const desk = await browser.newContext();
  const nora = await desk.newPage();
  await nora.goto(new URL(link).pathname);
  await nora.getByLabel('New password').fill('a long sentence of mine');
  await nora.getByRole('button', { name: 'Set the password' }).click();
  await nora.getByLabel('E-mail').fill(email);
  await nora.getByLabel('Password').fill('a long sentence of mine');
  await nora.getByRole('button', { name: 'Sign in' }).click();
  await nora.waitForURL('/tickets');
  await live(nora);

  await page.goto('/admin/people');
  await live(page);
  await pictures(page, 'people');
  const search = page.getByRole('search', { name: 'People' });
  await search.getByRole('searchbox').fill(`n${stamp} nor`);
  await page.keyboard.press('Enter');
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.getByRole('link', { name: `Nora N${stamp}` }).click();
  await live(page);
  await page.getByLabel('Time zone').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'no time zone' })).toBeVisible();
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByRole('checkbox', { name: /^IT_MANAGER/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Work tickets of every queue')).toBeVisible();
  await nora.goto('/reports');
  await expect(nora.getByRole('heading', { level: 1 })).toHaveText('Reports');

  await page.goto(person);
  await live(page);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(page.getByText('Switched off', { exact: true })).toBeVisible();
  await expect(page.locator('.facts')).not.toContainText('is signed in');
  await nora.goto('/tickets');
  await expect(nora).toHaveURL(/\/login/);
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(page.getByText('Switched off', { exact: true })).toHaveCount(0);
  await desk.close();
});

test('two accounts become one, what is kept of it is taken along, and then it is erased', async ({ page }) => {
  const stamp = Date.now();
  const [old, kept] = [`old${stamp}@example.com`, `kept${stamp}@example.com`];
  await signIn(page, 'admin');
  for (const [name, email] of [[`Olga O${stamp}`, old], [`Olga K${stamp}`, kept]]) {
    await page.goto('/admin/people');
    await live(page);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
  await page.goto(`/admin/people?q=o${stamp}`);
  await page.getByRole('link', { name: `Olga O${stamp}` }).click();
  await live(page);
  await page.getByRole('heading', { name: 'The same person as…' }).click();
  await page.getByLabel('Address of the account that stays').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Merge into it' }).click();
  await expect(page.getByText('Nobody has this address.')).toBeVisible();
  await page.getByLabel('Address of the account that stays').fill(kept);
  await page.getByRole('button', { name: 'Merge into it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Olga K${stamp}` })).toBeVisible();
  await live(page);

  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Everything that is kept of them' }).click()]);
  const { account, tickets } = JSON.parse(readFileSync(await file.path(), 'utf8'));
  expect([account.email, account.former_addresses, tickets]).toEqual([kept, [old], []]);

  await page.getByRole('heading', { name: 'Erase' }).click();
  await pictures(page, 'person-erase');
  await page.getByLabel(/^Type/).fill('something else');
  await page.getByRole('button', { name: 'Erase this person' }).click();
  await expect(page.getByText(`Type ${kept} to have this person erased.`)).toBeVisible();
  await page.getByLabel(/^Type/).fill(kept);
  await page.getByRole('button', { name: 'Erase this person' }).click();
  await page.waitForURL('/admin/people');
  await page.goto(`/admin/people?q=olga+k${stamp}`);
  await expect(page.getByText('Nobody is like this')).toBeVisible();
});

test('a role is made, changed and deleted, and what all administrators may do stays', async ({ page }) => {
  const name = `READER_${Date.now()}`;
  await signIn(page, 'admin');
  await page.goto('/admin/roles');
  await live(page);
  await pictures(page, 'roles');
  const fresh = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New role' }) });
  await fresh.getByLabel(/^Name/).fill(name);
  await fresh.getByLabel('Read reports').check();
  await fresh.getByRole('button', { name: 'Save the role' }).click();
  const matrix = page.getByRole('region', { name: 'What roles may do' });
  await expect(matrix.getByRole('columnheader', { name })).toBeVisible();
  const row = page.locator('.arranged', { hasText: name });
  await row.locator('summary').click();
  await row.getByLabel('Read the audit log').check();
  await row.getByRole('button', { name: 'Save the role' }).click();
  await expect(matrix.getByRole('row', { name: /^Read the audit log/ }).getByText('yes')).toHaveCount(2);
  const admins = page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: /^ADMIN$/ }) });
  await admins.locator('summary').click();
  await expect(admins.getByRole('checkbox')).toHaveCount(0);
  await row.locator('summary').click();
  await row.getByRole('button', { name: `Delete ${name}` }).click();
  await expect(matrix.getByRole('columnheader', { name })).toHaveCount(0);
});
