// Changes: planned, voted on stage by stage, carried out; what gets into each other's way; by keyboard and without scripts.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';
import type { Page } from '@playwright/test';

/** So many days ahead, at an hour, as a field of a form has it. */
function ahead(days: number, hour: number) {
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  return `${day}T${String(hour).padStart(2, '0')}:00`;
}

async function plan(page: Page, title: string, days: number, extra: Record<string, string> = {}) {
  const answer = await page.request.post('/fn/save_change', { form: {
    'change[title]': title, 'change[description]': 'Because it is old.', 'change[kind]': 'NORMAL', 'change[priority]': 'MEDIUM', 'change[risk_level]': 'MEDIUM',
    'change[plan]': 'Do it.', 'change[backout_plan]': 'Undo it.', 'change[starts]': ahead(days, 20), 'change[ends]': ahead(days, 22), ...extra,
  } });
  expect(answer.ok()).toBeTruthy();
  return answer.headers()['location'].split('/').pop()!;
}

test('a change goes through three stages, and an edit voids a vote', async ({ browser, page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'admin');
  const saved = await page.request.post('/fn/save_change_template', { form: {
    'template[name]': 'Three stages', 'template[kind]': 'NORMAL',
    'template[stages]': 'Technical: any of ben@demo.test, manager@demo.test\nSecurity: all of manager@demo.test\nManagement: 1 of admin@demo.test',
  } });
  expect(saved.ok()).toBeTruthy();
  const office = await browser.newContext();
  const asker = await office.newPage();
  await signIn(asker, 'agent');
  await asker.goto('/changes/new');
  await live(asker);
  await asker.getByRole('link', { name: 'Three stages' }).click();
  await expect(asker.getByRole('link', { name: 'Three stages' })).toHaveAttribute('aria-current', 'page');
  await asker.getByLabel('Title').fill('New firewall');
  await asker.getByLabel('What is changed, and why').fill('The old one no longer gets updates.');
  await asker.getByLabel('Begins').fill(ahead(40, 20));
  await asker.getByLabel('Ends').fill(ahead(40, 22));
  await asker.getByLabel('Plan: how it is done').fill('Put it beside the old one, then move the cables.');
  await asker.getByLabel('The way back, if it goes wrong').fill('Move the cables back.');
  await asker.getByLabel('Has nobody here done this before?').check();
  await accessible(asker);
  await asker.getByRole('button', { name: 'Save' }).click();
  await asker.waitForURL(/\/changes\/CHG-/);
  const address = new URL(asker.url()).pathname;
  await live(asker);
  await expect(asker.locator('.facts')).toContainText('Medium');
  await asker.getByRole('button', { name: 'Submit' }).click();
  await expect(asker.locator('.facts')).toContainText('Submitted');

  const desk = await browser.newContext();
  const manager = await desk.newPage();
  await signIn(manager, 'manager');
  await manager.goto(address);
  await live(manager);
  await manager.getByRole('button', { name: 'Begin the review' }).click();
  await expect(manager.getByRole('region', { name: 'Your vote' })).toBeVisible();
  await manager.getByRole('button', { name: 'Reject' }).click();
  await expect(manager.getByText('Say why not')).toBeVisible();
  await manager.getByLabel('Comment').fill('Good.');
  await manager.getByRole('button', { name: 'Approve' }).click();
  await expect(manager.locator('.approval__stage[aria-current="step"]')).toContainText('Security');

  await asker.goto(`${address}/edit`);
  await live(asker);
  await asker.getByLabel('Plan: how it is done').fill('Move the cables at once.');
  await asker.getByRole('button', { name: 'Save' }).click();
  await asker.waitForURL((url) => url.pathname === address);
  await expect(asker.locator('.approval__stage[aria-current="step"]')).toContainText('Technical');
  await expect(asker.getByText('about an earlier version')).toBeVisible();

  // Without a script: the page that a mail leads to has the buttons.
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await desk.storageState() });
  const reader = await plain.newPage();
  await reader.goto(address);
  await reader.getByRole('button', { name: 'Approve' }).click();
  await expect(reader.locator('.approval__stage[aria-current="step"]')).toContainText('Security');
  await reader.getByRole('button', { name: 'Approve' }).click();
  await expect(reader.locator('.approval__stage[aria-current="step"]')).toContainText('Management');
  await page.goto('/changes?show=waiting');
  await page.getByRole('link', { name: 'New firewall' }).click();
  await live(page);
  await pictures(page, 'change-vote');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.locator('.facts')).toContainText('Approved');

  await asker.goto(address);
  await live(asker);
  await asker.locator('details[data-fold="carry-out"] > summary').click();
  await asker.getByLabel('How did it go?').selectOption('WITH_PROBLEMS');
  await asker.getByRole('button', { name: 'Keep it' }).click();
  await expect(asker.locator('.facts')).toContainText('Implemented');
  await asker.locator('details[data-fold="close-change"] > summary').click();
  await asker.getByLabel('What is learned from it?').fill('Label the cables.');
  await asker.getByRole('button', { name: 'Close it' }).click();
  await expect(asker.locator('.facts')).toContainText('Closed');
  for (const context of [office, desk, plain]) await context.close();
});

test('two changes of the same in the same time are said to be in conflict, on their pages and in the calendar', async ({ page }) => {
  await signIn(page, 'agent');
  const answer = await page.request.get('/assets?q=vm-print');
  const asset = /AST-\d{4}-\d+/.exec(await answer.text())![0];
  const first = await plan(page, 'Print server: more memory', 45, { 'change[assets]': asset });
  await page.goto(`/changes/${first}`);
  await live(page);
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.locator('.facts')).toContainText('Submitted');
  const second = await plan(page, 'Print server: new drivers', 45, { 'change[assets]': asset, 'change[starts]': ahead(45, 21), 'change[ends]': ahead(45, 23) });
  await page.goto(`/changes/${second}`);
  await live(page);
  const conflicts = page.getByRole('region', { name: 'Conflicts' });
  await expect(conflicts).toContainText('Print server: more memory');
  await expect(conflicts).toContainText('vm-print');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.locator('.facts')).toContainText('Submitted');
  await page.goto(`/changes/calendar?month=${ahead(45, 0).slice(0, 7)}`);
  await live(page);
  await expect(page.locator('.calendar__change--conflict', { hasText: 'Print server: new drivers' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'As a list' }).locator('.calendar__warned').first()).toBeVisible();
  await page.locator('.calendar__change', { hasText: 'Print server: new drivers' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/changes/${second}`);
});

test('a change has files until it is over, with and without scripts', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const number = await plan(page, 'New cables', 50);
  await page.goto(`/changes/${number}`);
  await live(page);
  const files = page.getByRole('region', { name: 'Files' });
  await files.getByLabel('Add files').setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Blue ones') }, { name: 'old.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await expect(files.getByRole('link', { name: 'plan.txt' })).toBeVisible();
  const got = await page.request.get((await files.getByRole('link', { name: 'plan.txt' }).getAttribute('href'))!);
  expect(await got.text()).toBe('Blue ones');
  expect(got.headers()['content-disposition']).toContain('attachment');
  await files.getByRole('button', { name: 'Take old.txt away' }).press('Enter');
  await expect(files.getByRole('link', { name: 'old.txt' })).toHaveCount(0);
  await accessible(page);

  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const reader = await plain.newPage();
  await reader.goto(`/changes/${number}`);
  const form = reader.getByRole('region', { name: 'Files' });
  await form.getByLabel('Add files').setInputFiles({ name: 'more.txt', mimeType: 'text/plain', buffer: Buffer.from('y') });
  await form.getByRole('button', { name: 'Send' }).click();
  await expect(reader.getByRole('link', { name: 'more.txt' })).toBeVisible();
  await plain.close();
});

test('whoever has an asset says yes in the portal', async ({ browser, page }) => {
  await signIn(page, 'admin');
  const assets = await page.request.get('/assets?q=owner:user@demo.test');
  const asset = /AST-\d{4}-\d+/.exec(await assets.text())![0];
  const saved = await page.request.post('/fn/save_change_template', { form: {
    'template[name]': 'Its owner', 'template[kind]': 'NORMAL', 'template[stages]': 'Owner: all of asset owners',
  } });
  expect(saved.ok()).toBeTruthy();
  const templates = await (await page.request.get('/changes/new')).text();
  const template = /template=([0-9a-f-]{36})[^>]*>Its owner/.exec(templates)![1];
  const number = await plan(page, 'A larger disk', 52, { 'change[assets]': asset, 'change[template]': template });
  await page.goto(`/changes/${number}`);
  await live(page);
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.getByRole('button', { name: 'Begin the review' }).click();
  await expect(page.locator('.facts')).toContainText('In review');

  const office = await browser.newContext();
  const owner = await office.newPage();
  await signIn(owner, 'user');
  await owner.goto('/portal/requests');
  await owner.getByRole('link', { name: /A larger disk/ }).click();
  await owner.waitForURL(`**/portal/changes/${number}`);
  await accessible(owner);
  await pictures(owner, 'portal-change');
  await owner.getByRole('button', { name: 'Approve' }).click();
  await expect(owner.locator('.facts')).toContainText('Approved');
  expect((await owner.request.get(`/changes/${number}`)).status()).toBe(403);
  await office.close();
});

test('a ticket leads to a change and back', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'The old switch drops packets');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByRole('region', { name: 'Changes' }).getByRole('link', { name: 'Plan a change' }).click();
  await expect(page.getByLabel('Title')).toHaveValue('The old switch drops packets');
  await page.getByLabel('What is changed, and why').fill('It needs a new switch.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/changes\/CHG-/);
  await page.getByRole('link', { name: number }).click();
  await page.waitForURL(`**/tickets/${number}`);
  await expect(page.getByRole('region', { name: 'Changes' })).toContainText('The old switch drops packets');
});

test('the pages of changes, in both schemes', async ({ page }) => {
  test.setTimeout(240_000);
  await signIn(page, 'admin');
  for (const [name, address] of [['changes', '/changes'], ['change-new', '/changes/new'], ['change-calendar', '/changes/calendar'], ['change-week', `/changes/calendar?week=${ahead(9, 0).slice(0, 10)}`], ['change-templates', '/changes/templates']] as const) {
    await page.goto(address);
    await live(page);
    await pictures(page, name);
  }
  await page.goto('/changes?q=Firmware');
  await page.getByRole('link', { name: 'Firmware of the core switches' }).click();
  await live(page);
  await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('UPS');
  await pictures(page, 'change');
});
