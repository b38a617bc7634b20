// Pictures in articles, and files beside them.
import { accessible, expect, live, pictures, signIn, test } from '../support/fixtures';
import type { Page } from '@playwright/test';

/** A picture as a screenshot tool leaves it in the clipboard. */
const paste = (page: Page, name: string) => page.getByLabel('Text', { exact: true }).evaluate(async (area, name) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const pen = canvas.getContext('2d')!;
  [pen.fillStyle, pen.font] = ['#1f6feb', '48px sans-serif'];
  pen.fillRect(0, 0, 640, 360);
  pen.fillStyle = '#fff';
  pen.fillText('Settings → Display', 90, 195);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
  const transfer = new DataTransfer();
  transfer.items.add(new File([blob!], name, { type: 'image/png' }));
  area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
}, name);

const widths = (page: Page, within: string) =>
  page.locator(`${within} img`).evaluateAll((found) => found.map((one) => (one as HTMLImageElement).naturalWidth));

test('a picture is pasted into a new article and a file put beside it; its readers see both', async ({ page, browser }) => {
  const mark = Date.now();
  await signIn(page, 'manager');
  await page.goto('/knowledge/new');
  await live(page);
  const text = page.getByLabel('Text', { exact: true });
  await page.getByLabel('Title').fill(`The display menu ${mark}`);
  await text.fill('Open this menu:\n\n');
  await paste(page, 'menu.png');
  await expect(text).toHaveValue(/^Open this menu:\n\n!\[menu\.png\]\(\/article-attachments\/[0-9a-f-]{36}\)$/);
  await expect(async () => expect(await widths(page, '.kb__preview')).toEqual([640])).toPass();
  await page.getByLabel('Add files').setInputFiles({ name: 'steps.txt', mimeType: 'text/plain', buffer: Buffer.from('one, two') });
  const files = page.getByRole('region', { name: 'Files' });
  await expect(files.getByRole('link')).toHaveText([/menu\.png/, /steps\.txt/]);

  // Nobody else has seen anything yet.
  const elsewhere = await browser.newContext();
  const reader = await elsewhere.newPage();
  const address = (await text.inputValue()).match(/\/article-attachments\/[0-9a-f-]{36}/)![0];
  expect((await reader.request.get(address)).status()).toBe(404);

  await page.getByLabel('It is').selectOption('PUBLISHED');
  await page.getByLabel('Who reads it').selectOption('PUBLIC');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await live(page);
  await expect(files.getByRole('link')).toHaveCount(2);
  await pictures(page, 'article-files');

  await reader.goto(`/portal/kb/the-display-menu-${mark}`);
  await expect(async () => expect(await widths(reader, '.kb__text')).toEqual([640])).toPass();
  await expect(reader.getByRole('region', { name: 'Files' }).getByRole('link')).toHaveText([/steps\.txt/]);
  const picture = await reader.request.get(address);
  expect([picture.status(), picture.headers()['content-type']]).toEqual([200, 'image/png']);
  await accessible(reader);
  await pictures(reader, 'article-with-picture');

  // By key: into the text, and away.
  await page.getByRole('button', { name: 'Put steps.txt into the text' }).focus();
  await page.keyboard.press('Enter');
  await expect(text).toHaveValue(/\[steps\.txt\]\(\/article-attachments\//);
  await page.getByRole('button', { name: 'Take menu.png away' }).focus();
  await page.keyboard.press('Enter');
  await expect(files.getByRole('link')).toHaveText([/steps\.txt/]);
  expect((await reader.request.get(address)).status()).toBe(404);
  await elsewhere.close();
});

test('what is refused is said where it was added, and the rest stays', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/knowledge/new');
  await live(page);
  await page.getByLabel('Title').fill('Half written');
  // Twenty bytes that say they are a picture of 60000 × 60000.
  const bomb = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.from([0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 6, 0, 0, 0, 0, 0, 0, 0])]);
  await page.getByLabel('Add files').setInputFiles({ name: 'bomb.png', mimeType: 'image/png', buffer: bomb });
  const files = page.getByRole('region', { name: 'Files' });
  await expect(files.getByRole('status')).toContainText('60000 × 60000 pixels');
  await expect(files.getByRole('link')).toHaveCount(0);
  await expect(page.getByLabel('Title')).toHaveValue('Half written');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('files are added to an article and taken away', async ({ page }) => {
    const mark = Date.now();
    await signIn(page, 'manager');
    await page.goto('/knowledge/new');
    await page.getByLabel('Title').fill(`Plain ${mark}`);
    await page.getByLabel('Text', { exact: true }).fill('Text.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByLabel('Add files').setInputFiles({ name: 'steps.txt', mimeType: 'text/plain', buffer: Buffer.from('one, two') });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const files = page.getByRole('region', { name: 'Files' });
    await expect(files.getByRole('link')).toHaveText([/steps\.txt/]);
    await files.getByRole('button', { name: 'Take steps.txt away' }).click();
    await expect(files.getByRole('link')).toHaveCount(0);
  });
});
