import { expect, makeTicket, signIn, test, unfold } from '../support/fixtures';

test.use({ javaScriptEnabled: false });

test('everything works without scripts: ask, answer, change, sign out', async ({ page }) => {
  await signIn(page, 'user');
  await page.goto('/portal/new');
  await page.getByRole('link', { name: 'Something else' }).click();
  await page.getByLabel('In a sentence').fill('No scripts here');
  await page.getByLabel('What happened').fill('My browser is old.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  const number = page.url().split('/').pop()!;
  await page.getByLabel('Your text').fill('One more thing.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText('One more thing.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, 'agent');
  await page.goto(`/tickets/${number}`);
  await page.getByLabel('Status').selectOption('WAITING');
  await page.getByRole('group', { name: 'Properties' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Waiting');
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel('Subject', { exact: true }).fill('No scripts here, and edited');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name: 'No scripts here, and edited' })).toBeVisible();
  await page.goto('/tickets');
  await page.getByRole('button', { name: 'Sort next deadline' }).click();
  await page.getByRole('link', { name: 'newest' }).click();
  await expect(page).toHaveURL(/sort=created/);
  await expect(page.getByRole('link', { name: /No scripts here, and edited/ })).toBeVisible();
  await page.getByRole('button', { name: 'Ana Ruiz' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
});

test('a wrong password is said at the form', async ({ page }) => {
  await page.goto('/login');
  await page.getByLabel('E-mail').fill('nobody@demo.test');
  await page.getByLabel('Password').fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('do not belong together')).toBeVisible();
});

test('what stands beside a ticket works without scripts, errors too', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'By post');
  await page.goto(`/tickets/${number}`);
  await unfold(page, 'links');
  await page.getByLabel('Number', { exact: true }).fill('TKT-1999-0001');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await unfold(page, 'links');
  await expect(page.getByText('There is no such ticket')).toBeVisible();
  await unfold(page, 'checklist');
  await page.getByLabel('One a line').fill('Stamp');
  await page.getByRole('region', { name: 'Checklist' }).getByRole('button', { name: 'Add' }).click();
  await page.getByRole('checkbox', { name: 'Stamp' }).click();
  await expect(page.getByRole('checkbox', { name: 'Stamp' })).toBeChecked();
  await page.getByLabel('Status').selectOption('RESOLVED');
  await page.getByLabel('What solved it?').fill('It was posted.');
  await page.locator('.said--note').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Resolved');
});

test('a list of assets is kept under a name, and a wrong declared field is said', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/assets?q=is:licence');
  await unfold(page, 'columns');
  await page.getByRole('link', { name: 'Seats' }).click();
  await expect(page.getByRole('columnheader', { name: 'Seats' })).toBeVisible();
  await unfold(page, 'save-view');
  const name = `Licences ${Date.now()}`;
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save the view' }).click();
  await page.goto('/assets');
  await page.getByRole('link', { name }).click();
  await expect(page.getByRole('columnheader', { name: 'Seats' })).toBeVisible();
  await page.goto('/assets/laptop-01/edit');
  await page.getByLabel('Memory').fill('a lot');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Memory: A number, please.');
  await page.getByLabel('Memory').fill('64');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.facts')).toContainText('Memory64');
});

test('a setting is refused, changed and put back', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/settings');
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('changes.reminder_hours');
  await page.keyboard.press('Enter');
  const hours = page.getByRole('textbox', { name: 'Reminders of approvals' });
  await hours.fill('soon');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'A whole number, please.' }).first()).toBeVisible();
  await page.goto('/admin/settings?q=changes.reminder_hours');
  await hours.fill('24');
  await page.keyboard.press('Enter');
  await expect(page.getByText('by Ada Admin')).toBeVisible();
  await page.getByRole('button', { name: 'Put back to 48' }).press('Enter');
  await expect(hours).toHaveValue('48');
  await expect(page.getByText('by Ada Admin')).toHaveCount(0);
});

test('the audit log is narrowed, an entry opened, and the chain checked', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/audit');
  await page.getByLabel('What was done').selectOption('LOGIN');
  await page.getByRole('button', { name: 'Search' }).press('Enter');
  await expect(page).toHaveURL(/action=LOGIN/);
  const entry = page.locator('.audit__entry').first();
  await entry.locator('summary').click();
  await expect(entry.getByText('Place in the chain')).toBeVisible();
  await page.getByRole('button', { name: 'Check the chain' }).press('Enter');
  await expect(async () => {
    await page.goto('/admin/audit');
    await expect(page.getByText('The chain is whole')).toBeVisible({ timeout: 500 });
  }).toPass();
});

test('a person is found, refused a role that there is not, and switched off and on', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/people');
  await page.getByRole('searchbox', { name: /^Name, address/ }).fill('chen');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Chen Wei' }).click();
  await page.getByLabel('Time zone').fill('nowhere');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'no time zone' })).toBeVisible();
  await page.getByRole('heading', { name: 'The same person as…' }).click();
  await page.getByLabel('Address of the account that stays').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Merge into it' }).press('Enter');
  await expect(page.locator('.quick__error', { hasText: 'Nobody has this address.' })).toHaveCount(1);
  await page.goto('/admin/people?q=chen');
  await page.getByRole('link', { name: 'Chen Wei' }).click();
  await page.getByRole('button', { name: 'Switch off' }).press('Enter');
  await expect(page.getByText('Switched off', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Switch on' }).press('Enter');
  await expect(page.getByText('Switched off', { exact: true })).toHaveCount(0);
});
