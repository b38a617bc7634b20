// Assets: made, handed over, related, seen as a picture, brought in as a table, and found beside a ticket.
import { type Page } from '@playwright/test';
import { expect, live, makeTicket, pictures, signIn, test, unfold } from '../support/fixtures';

async function makeAsset(page: Page, name: string, more: Record<string, string> = {}) {
  const form = { 'asset[name]': name, 'asset[kind]': 'HARDWARE', 'asset[status]': 'ACTIVE', ...more };
  const answer = await page.request.post('/fn/save_asset', { form });
  expect(answer.ok()).toBeTruthy();
  return answer.headers()['location'].split('/').pop()!;
}

test('an asset is made, changed, handed over, related, and never contains itself', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'manager');
  const part = await makeAsset(page, `Disk ${mark}`);
  await page.goto('/assets/new');
  await live(page);
  await page.getByLabel('Name').fill(`Server ${mark}`);
  await page.getByLabel('Serial number').fill(`SN-${mark}`);
  await page.getByLabel('Price').fill('twelve');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').first()).toContainText('An amount');
  await page.getByLabel('Price').fill('1.299,50');
  await page.getByLabel('More fields').fill('Memory: 64 GB');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Server ${mark}` })).toBeVisible();
  await expect(page.locator('.facts')).toContainText('1299.50');
  await expect(page.locator('.facts')).toContainText('64 GB');
  const number = page.url().split('/').pop()!;

  await live(page);
  await unfold(page, 'hand-over');
  await page.getByLabel('To whom').fill('nobody@demo.test');
  await page.getByRole('button', { name: 'Hand over' }).click();
  await expect(page.getByText('Nobody here has this address.')).toBeVisible();
  await page.getByLabel('To whom').fill('user@demo.test');
  await page.getByRole('button', { name: 'Hand over' }).click();
  await expect(page.getByRole('region', { name: 'Owner' })).toContainText('nobody → Uli User');

  await unfold(page, 'relate');
  await page.getByLabel('This asset').selectOption({ label: 'contains' });
  await page.getByLabel("The other one's number").fill(part.toLowerCase());
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Relations' })).toContainText(`Disk ${mark}`);
  await pictures(page, 'asset');
  // The other way round would be a circle.
  await page.goto(`/assets/${part}`);
  await live(page);
  await unfold(page, 'relate');
  await page.getByLabel('This asset').selectOption({ label: 'contains' });
  await page.getByLabel("The other one's number").fill(`sn-${mark}`);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'already, if by way of others' })).toBeVisible();

  // By its serial number, as a scanner types it.
  await page.goto(`/assets/SN-${mark}`);
  await expect(page).toHaveURL(new RegExp(`/assets/${number}$`));
  await page.getByRole('link', { name: 'Change', exact: true }).click();
  await live(page);
  await page.getByLabel('Room').fill('2.14');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('region', { name: 'History' })).toContainText('room: empty → 2.14');
  await live(page);
  await page.getByRole('button', { name: 'Delete this asset' }).click();
  await expect(page).toHaveURL(/\/assets$/);
  await page.goto(`/assets/${number}`);
  await expect(page.getByText('does not exist')).toBeVisible();
  // Among the deleted it is brought back.
  await page.goto('/assets?q=is:deleted');
  await live(page);
  await page.getByRole('button', { name: `Restore ${number}` }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Server ${mark}` })).toBeVisible();
});

test('what depends on what is a picture that the keyboard walks, and lists that say the same', async ({ page }) => {
  await signIn(page, 'agent');
  await page.goto('/assets?q=core-sw-01');
  await page.getByRole('link', { name: 'core-sw-01' }).click();
  await page.getByRole('link', { name: 'What depends on it' }).click();
  const picture = page.getByRole('region', { name: 'Picture' });
  await expect(picture.getByRole('link', { name: /host-01/ })).toBeVisible();
  const affected = page.getByRole('region', { name: 'If it fails' });
  await expect(affected.getByRole('link', { name: /ERP/ }).first()).toBeVisible();
  await live(page);
  await pictures(page, 'asset-around');
  await page.getByRole('link', { name: '4 steps' }).click();
  await expect(picture.getByRole('link', { name: /ERP/ }).first()).toBeVisible();
  await page.getByRole('link', { name: 'contains', exact: true }).click();
  await expect(picture.getByRole('link', { name: /host-01/ })).toHaveCount(0);
  await page.getByRole('link', { name: 'All relations' }).click();
  await picture.getByRole('link', { name: /host-01/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'What depends on host-01' })).toBeVisible();
});

test('a table is brought in: its errors first, its columns as said, and it is taken back', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'manager');
  await page.goto('/assets/import');
  const send = async (table: string) => {
    await page.goto('/assets/import');
    await page.getByLabel('Table').setInputFiles({ name: 'from-the-store.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
    await page.getByRole('button', { name: 'Look at it' }).click();
  };
  await send('\0\0');
  await expect(page.getByRole('alert')).toContainText('no table of text');
  await send(`Gerät;Serial;Type\nRouter ${mark};R${mark};chair\nScreen ${mark};R${mark};hardware\n`);
  await expect(page.getByRole('region', { name: 'Errors' })).toContainText('One of hardware');
  await expect(page.getByRole('button', { name: /Bring in/ })).toHaveCount(0);
  await pictures(page, 'asset-import');
  // Nobody knows these columns: that is said, and can be mended.
  await send(`Ding;Colour\nLamp ${mark};red\n`);
  await expect(page.getByRole('region', { name: 'Errors' })).toContainText('No column names the assets');
  await live(page);
  await page.getByLabel('Ding').selectOption('name');
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByRole('button', { name: 'Bring in 1 asset' })).toBeVisible();
  await send(`Gerät;Serial;Colour\nRouter ${mark};R${mark};red\nScreen ${mark};S${mark};\n`);
  await live(page);
  await expect(page.getByText('Please fill this in.').first()).toBeVisible();
  await page.getByLabel('Gerät').selectOption('name');
  await page.getByLabel('Colour').selectOption('notes');
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByRole('button', { name: 'Bring in 2 assets' }).click();
  await expect(page.getByText('2 made, 0 changed')).toBeVisible();
  const here = page.url();
  await page.goto(`/assets?q=${mark}`);
  await expect(page.getByRole('link', { name: `Router ${mark}` })).toBeVisible();

  // Chosen and changed together.
  await live(page);
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await page.getByLabel('Location').fill('Graz');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(page.getByRole('cell', { name: 'Graz' })).toHaveCount(2);
  const table = await (await page.request.get(`/assets/export.csv?q=${mark}`)).text();
  expect(table.split('\r\n')).toHaveLength(4);
  expect(table).toContain('Graz');
  expect(await (await page.request.get(`/assets/export.json?q=${mark}`)).json()).toHaveLength(2);
  const labels = await (await page.request.get(`/assets/labels?q=${mark}`)).text();
  expect(labels.match(/<svg/g)).toHaveLength(2);

  await page.goto(here);
  await live(page);
  await page.getByRole('button', { name: 'Take this import back' }).click();
  await expect(page.getByText('taken back · Mona Manager')).toBeVisible();
  // Somebody changed them since: they stay.
  await page.goto(`/assets?q=${mark}`);
  await expect(page.getByRole('link', { name: `Router ${mark}` })).toBeVisible();
});

test('a ticket is about an asset, the requester\'s own are offered first, and the asset shows it', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'manager');
  const asset = await makeAsset(page, `Beamer ${mark}`, { 'asset[owner]': 'requester@demo.test' });
  const number = await makeTicket(page, `Too dark ${mark}`, 'requester@demo.test');
  await page.goto(`/tickets/${number}`);
  await live(page);
  const beside = page.getByRole('region', { name: 'Assets' });
  await beside.getByRole('button', { name: new RegExp(`It is about ${asset}`) }).click();
  await expect(beside.getByText(`affects · ${asset}`)).toBeVisible();
  await unfold(page, 'assets');
  await beside.getByLabel('Its number').fill('AST-1999-0001');
  await beside.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(beside.getByText('There is no such asset')).toBeVisible();
  await beside.getByRole('link', { name: `Beamer ${mark}` }).click();
  await expect(page.getByRole('region', { name: 'Tickets' })).toContainText(`Too dark ${mark}`);
});

test('the list of assets', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/assets');
  await live(page);
  await pictures(page, 'assets');
  await page.getByRole('link', { name: 'In repair' }).click();
  await expect(page.getByRole('link', { name: 'gw-02' })).toBeVisible();
  await page.getByLabel('Search assets').fill('type:chair laptop');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('“type:chair” is no filter');
});

test('whoever has something asks about it, and agents see which it is', async ({ page, browser }) => {
  const mark = Date.now();
  await signIn(page, 'user');
  await page.goto('/portal/requests');
  await page.getByRole('link', { name: 'What you have' }).click();
  await page.getByRole('link', { name: /Ask about .* Latitude|Ask about .* ThinkPad/ }).click();
  await page.getByRole('link', { name: 'Something else' }).click();
  await expect(page.getByLabel('Which of your things')).not.toHaveValue('');
  await page.getByLabel('In a sentence').fill(`Hums ${mark}`);
  await page.getByLabel('What happened').fill('All day.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  const number = page.url().split('/').pop()!;
  const desk = await browser.newContext();
  const agent = await desk.newPage();
  await signIn(agent, 'agent');
  await agent.goto(`/tickets/${number}`);
  await expect(agent.getByRole('region', { name: 'Assets' }).getByText(/affects · AST-/)).toBeVisible();
  await desk.close();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  test('an asset is found, made and changed', async ({ page }) => {
    const mark = Date.now();
    await signIn(page, 'manager');
    await page.goto('/assets');
    await page.getByRole('link', { name: 'New asset' }).click();
    await page.getByLabel('Name').fill(`Chair ${mark}`);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1, name: `Chair ${mark}` })).toBeVisible();
    await page.goto('/assets');
    await page.getByLabel('Search assets').fill(`chair ${mark}`);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: `Chair ${mark}` }).click();
    await page.getByRole('link', { name: 'What depends on it' }).click();
    await expect(page.getByText('Nothing stands to it')).toBeVisible();
  });
});

test('what is to be known of a category is declared, asked for, and a column of a list that is kept', async ({ page }) => {
  const mark = Date.now();
  const field = `Ports ${mark}`;
  await signIn(page, 'admin');
  await page.goto('/admin');
  await page.getByRole('link', { name: /^Fields of assets/ }).click();
  await expect(page.getByText('Number · of Laptop, Server').first()).toBeVisible();
  await live(page);
  const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New field' }) });
  await form.getByLabel('Name').fill(field);
  await form.getByLabel('Kind').selectOption('NUMBER');
  await form.getByLabel(/^Categories/).fill(`Dock ${mark}`);
  await form.getByLabel(/^Help/).fill('Counted on the back.');
  await form.getByLabel(/^Required/).check();
  await form.getByRole('button', { name: 'Save the field' }).click();
  await expect(page.getByText(`Number · of Dock ${mark} · required`)).toBeVisible();
  await pictures(page, 'asset-fields');

  await page.goto('/assets/new');
  await live(page);
  await expect(page.getByLabel(field)).toHaveCount(0);
  await page.getByLabel('Name', { exact: true }).fill(`Dock ${mark}`);
  await page.getByLabel('Category').fill(`dock ${mark}`);
  await page.keyboard.press('Tab');
  await page.getByLabel(field).fill('eight');
  await pictures(page, 'asset-own-fields');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').first()).toContainText(`${field}: A number, please.`);
  await page.getByLabel(field).fill('8');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.facts')).toContainText(`${field}8`);

  // A column of the list, and the list kept under a name.
  await page.goto(`/assets?q=${encodeURIComponent(`field:"${field}=8"`)}`);
  await live(page);
  await unfold(page, 'columns');
  await page.getByRole('link', { name: field }).click();
  await expect(page.getByRole('columnheader', { name: field })).toBeVisible();
  await expect(page.getByRole('cell', { name: '8', exact: true })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Owner' })).toBeVisible();
  await unfold(page, 'save-view');
  await page.getByLabel('Name', { exact: true }).fill(`Docks ${mark}`);
  await page.getByRole('button', { name: 'Save the view' }).click();
  const tab = page.getByRole('link', { name: `Docks ${mark}` });
  await expect(tab).toHaveAttribute('aria-current', 'page');
  await page.goto('/assets');
  await tab.click();
  await expect(page.getByRole('columnheader', { name: field })).toBeVisible();
  await live(page);
  await pictures(page, 'asset-view');
  await unfold(page, 'save-view');
  await page.getByRole('button', { name: `Delete “Docks ${mark}”` }).click();
  await expect(tab).toHaveCount(0);
});

test('licences are listed with their seats and the day they end', async ({ page }) => {
  await signIn(page, 'agent');
  await page.goto('/assets');
  await page.getByRole('link', { name: 'Licences' }).click();
  await expect(page.getByRole('row', { name: /Office suite/ })).toContainText('5 of 60');
  await expect(page.getByRole('row', { name: /Diagrams/ })).toContainText('3 of 2 too many');
  await live(page);
  await pictures(page, 'licences');
  await page.goto('/assets?q=seats:over');
  await expect(page.locator('.assets tbody tr')).toHaveCount(1);
  await page.getByRole('link', { name: 'Diagrams' }).click();
  await expect(page.locator('.facts')).toContainText('Licence until');
});

test('a long table says how far it is', async ({ page }) => {
  test.setTimeout(180_000);
  const mark = Date.now();
  await signIn(page, 'manager');
  await page.goto('/assets/import');
  const rows = Array.from({ length: 30_000 }, (_, at) => `Thing ${mark} ${at};L${mark}-${at}`).join('\n');
  await page.getByLabel('Table').setInputFiles({ name: 'long.csv', mimeType: 'text/csv', buffer: Buffer.from(`Name;Serial\n${rows}\n`) });
  await page.getByRole('button', { name: 'Look at it' }).click();
  await live(page);
  await page.getByRole('button', { name: 'Bring in 30000 assets' }).click();
  await expect(page.getByText(/^[1-9]\d* of 30000 rows$/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('30000 made, 0 changed')).toBeVisible({ timeout: 90_000 });
  await live(page);
  await page.getByRole('button', { name: 'Take this import back' }).click();
  await expect(page.getByText(/taken back/)).toBeVisible({ timeout: 60_000 });
});
