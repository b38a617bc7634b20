// What administrators arrange, and what it does to those who ask and those who work.
import { accessible, expect, live, signIn, test } from '../support/fixtures';

test('an administrator adds a category and fields, a requester fills them in, an agent finds the ticket by them', async ({ browser, page }) => {
  const stamp = Date.now() % 1_000_000;
  await signIn(page, 'admin');
  await page.goto('/admin/categories');
  await live(page);
  const fresh = page.locator('section', { hasText: 'New category' }).last();
  await fresh.getByLabel('Name').fill(`Travel ${stamp}`);
  await fresh.getByLabel('Goes to the queue').selectOption({ label: 'Service desk' });
  await fresh.getByLabel('Begins with the priority').selectOption('HIGH');
  await fresh.getByRole('button', { name: 'Save the category' }).click();
  await expect(page.locator('.arranged__name', { hasText: `Travel ${stamp}` })).toBeVisible();
  await accessible(page);

  await page.goto('/admin/fields');
  await live(page);
  const field = page.locator('section', { hasText: 'New field' }).last();
  const add = async (label: string, kind: string, fill: () => Promise<void>) => {
    await field.getByLabel('Label').fill(label);
    await field.getByLabel('Kind').selectOption(kind);
    await field.getByLabel('Category').selectOption({ label: `Travel ${stamp}` });
    await field.getByLabel('Requesters fill it in').check();
    await field.getByLabel('Required').check();
    await fill();
    await field.getByRole('button', { name: 'Save the field' }).click();
    await expect(page.locator('.arranged__name', { hasText: label })).toBeVisible();
  };
  await add(`By what ${stamp}`, 'CHOICE', async () => field.getByLabel('Choices').fill('Train\nPlane'));
  await add(`Passport ${stamp}`, 'TEXT', async () => {
    await field.getByLabel('Is asked').selectOption({ label: `When “By what ${stamp}” is` });
    await field.getByLabel('That value').fill('Plane');
  });

  const home = await browser.newContext();
  const asker = await home.newPage();
  await signIn(asker, 'requester');
  await asker.getByLabel('What is wrong?').fill('I must go to Lisbon');
  await asker.getByRole('button', { name: 'Ask for help' }).click();
  await asker.getByRole('link', { name: `Travel ${stamp}` }).click();
  await expect(asker.getByText(`Travel ${stamp} · `)).toBeVisible();
  await expect(asker.getByLabel(`Passport ${stamp}`)).toBeHidden();
  await asker.getByLabel('What happened').fill('A fair, in spring.');
  await asker.getByLabel(`By what ${stamp}`).selectOption('Plane');
  await asker.getByLabel(`Passport ${stamp}`).fill('X1234');
  await accessible(asker);
  for (const scheme of ['light', 'dark'] as const) {
    await asker.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const width of [1440, 390]) {
      await asker.setViewportSize({ width, height: 900 });
      await asker.screenshot({ path: `../target/screenshots/portal-form-fields-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await asker.getByRole('button', { name: 'Send the request' }).click();
  await asker.waitForURL(/\/portal\/requests\/TKT-/);
  await expect(asker.locator('.details')).toContainText('Plane');
  const number = asker.url().split('/').pop()!;

  await page.goto(`/tickets?q=field.by_what_${stamp}:Plane`);
  await page.getByRole('link', { name: new RegExp(number) }).click();
  await live(page);
  await expect(page.getByLabel('Priority')).toHaveValue('HIGH');
  await page.getByLabel(`By what ${stamp}`).selectOption('Train');
  await expect(page.getByText('Saved.').or(page.locator('.event', { hasText: 'Train' })).first()).toBeVisible();
  await expect(page.getByLabel(`Passport ${stamp}`)).toHaveCount(0);
  await expect(asker.locator('.details'), 'the requester sees it at once').toContainText('Train');

  // Deleted while in use: gone from the ticket, and back with its value.
  await page.goto('/admin/fields');
  await live(page);
  const row = page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: `By what ${stamp}` }) });
  await row.locator('summary').click();
  await row.getByRole('button', { name: `Delete By what ${stamp}` }).click();
  await expect(page.locator('.arranged--gone', { hasText: `By what ${stamp}` })).toBeVisible();
  await page.locator('.arranged--gone', { hasText: `By what ${stamp}` }).getByRole('button', { name: 'Bring back' }).click();
  await expect(page.locator('.arranged--gone', { hasText: `By what ${stamp}` })).toHaveCount(0);
  await page.goto(`/tickets/${number}`);
  await expect(page.getByLabel(`By what ${stamp}`)).toHaveValue('Train');
  await home.close();
});

test('a request with fields works on a phone, without scripts, one question at a time', async ({ browser }) => {
  const phone = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const page = await phone.newPage();
  await signIn(page, 'user');
  await page.goto('/portal/new?subject=A%20colleague%20starts');
  await expect(page.getByRole('heading', { name: 'What is it about?' })).toBeVisible();
  await page.getByRole('link', { name: 'Access' }).click();
  await page.getByRole('link', { name: 'New employee' }).click();
  await expect(page.getByLabel('In a sentence')).toHaveValue('A colleague starts');
  await page.getByLabel('What happened').fill('She comes from Porto.');
  await page.getByLabel('Badge').check();
  await page.getByLabel('Laptop').check();
  await page.getByLabel('First day').fill('2027-01-04');
  await page.getByLabel('Only for me').check();
  await page.screenshot({ path: '../target/screenshots/portal-form-no-scripts-390.png', fullPage: true });
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  await expect(page.locator('.details')).toContainText('2027-01-04');
  await expect(page.locator('.details')).toContainText('Laptop, Badge');
  await expect(page.getByText('Only you and the service desk see this request.')).toBeVisible();
  await page.getByRole('button', { name: 'Show it to my colleagues' }).click();
  await expect(page.getByText('Your colleagues at Lind & Sons see this request too.')).toBeVisible();
  await phone.close();
});

test('a queue gives its tickets to whoever is there', async ({ page }) => {
  const name = `Gates ${Date.now() % 1_000_000}`;
  await signIn(page, 'manager');
  await page.goto('/admin/queues');
  await live(page);
  const fresh = page.locator('section', { hasText: 'New queue' }).last();
  await fresh.getByLabel('Name').fill(name);
  await fresh.getByLabel('Who gets a new one').selectOption('ROUND_ROBIN');
  await fresh.getByRole('button', { name: 'Save the queue' }).click();
  const queue = page.locator('.arranged', { hasText: name });
  for (const person of ['Chen Wei', 'Mona Manager']) {
    await queue.getByLabel('Someone more').selectOption({ label: person });
    await queue.getByRole('button', { name: 'Add' }).click();
    await expect(queue.locator('.member', { hasText: person })).toBeVisible();
  }
  await page.screenshot({ path: '../target/screenshots/queue-members-light-1440.png', fullPage: true });
  // She is away: the next two go to her colleague.
  await page.getByRole('button', { name: 'Mona Manager', exact: true }).click();
  await page.getByRole('button', { name: 'I am away' }).click();
  await expect(page.locator('.rail__away')).toBeVisible();
  const assignee = async (subject: string) => {
    await page.goto('/tickets/new');
    await page.getByLabel('Who asks?').fill('user@demo.test');
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel('What happened?').fill('It is stuck.');
    await page.getByLabel('Queue').selectOption({ label: name });
    await page.getByRole('button', { name: 'Create the ticket' }).click();
    await page.waitForURL(/\/tickets\/TKT-/);
    return page.locator('#assigned_to_id option:checked').innerText();
  };
  expect(await assignee('North gate')).toBe('Chen Wei');
  expect(await assignee('South gate')).toBe('Chen Wei');
  await page.getByRole('button', { name: /^Mona Manager/ }).click();
  await page.getByRole('button', { name: 'I am back' }).click();
  await expect(page.locator('.rail__away')).toHaveCount(0);
  expect(await assignee('West gate')).toBe('Mona Manager');
  await page.goto('/tickets');
  await page.getByRole('navigation').getByRole('link', { name: new RegExp(name) }).click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await expect(page.getByRole('link', { name: /North gate/ })).toBeVisible();
  await page.goto('/admin/teams');
  await live(page);
  const fold = page.locator('section', { hasText: 'New team' }).last();
  await fold.getByLabel('Name').fill(`${name} team`);
  await fold.getByRole('button', { name: 'Save the team' }).click();
  await expect(page.locator('.arranged__name', { hasText: `${name} team` })).toBeVisible();
});
