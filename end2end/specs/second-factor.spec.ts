// A second factor: set up from the account's page, asked for at sign-in, and owed where a role says so.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { type Page } from '@playwright/test';
import { expect, live, pictures, signIn, test } from '../support/fixtures';

const PASSWORD = 'a long sentence of mine';

/** An account of its own: what is done here to one of the demo's would be felt by every other journey. */
function person(name: string, role = 'AGENT') {
  const email = `${name}${Date.now()}@example.com`;
  execFileSync(process.env.OXDESK_BIN!, ['user', 'add', '--email', email, '--name', name, '--role', role, '--password-stdin'], { input: PASSWORD });
  return email;
}

/** RFC 6238, as an app computes it, so many half minutes from now. */
function code(key: string, steps = 0) {
  const bits = [...key.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', secret).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function password(page: Page, email: string) {
  await page.goto('/login');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).press('Enter');
}

test('an agent sets up a second factor, signs in with it, with a recovery code, and turns it off', async ({ page }) => {
  const email = person('Tess');
  await password(page, email);
  await page.waitForURL('/tickets');
  await page.goto('/account');
  await page.getByRole('link', { name: 'A code beside your password' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Second factor' })).toBeVisible();
  await live(page);
  await pictures(page, 'second-factor-off');
  await page.getByLabel('Your password').fill('not my password');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This is not your password.')).toBeVisible();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  const qr = page.getByRole('img', { name: 'QR code' });
  await expect(qr).toBeVisible();
  expect(await qr.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  const key = await page.locator('.card__key').innerText();
  const recovery = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
  expect(recovery).toHaveLength(10);
  await pictures(page, 'second-factor-set-up');
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This code is not right')).toBeVisible();
  await page.getByLabel('Code', { exact: true }).fill(code(key));
  await page.keyboard.press('Enter');
  await expect(page.getByText('10 recovery codes are left')).toBeVisible();
  await pictures(page, 'second-factor-on');

  await page.context().clearCookies();
  await password(page, email);
  await page.waitForURL('/login/code');
  await pictures(page, 'login-code');
  await page.getByLabel('Code').fill('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This code is not right')).toBeVisible();
  await page.getByLabel('Code').fill(code(key, 1));
  await page.keyboard.press('Enter');
  await page.waitForURL('/tickets');

  await page.context().clearCookies();
  await password(page, email);
  await page.waitForURL('/login/code');
  await page.getByLabel('Code').fill(recovery[0].toLowerCase());
  await page.keyboard.press('Enter');
  await page.waitForURL('/tickets');
  await page.goto('/second-factor');
  await expect(page.getByText('9 recovery codes are left')).toBeVisible();
  await live(page);
  await page.locator('details[data-fold="renew"] > summary').click();
  await page.getByLabel('A code from the app', { exact: true }).fill(recovery[1]);
  await page.keyboard.press('Enter');
  await expect(page.getByText('not shown again')).toBeVisible();
  await pictures(page, 'second-factor-new-codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 recovery codes are left')).toBeVisible();
  await page.locator('details[data-fold="remove"] > summary').click();
  await page.getByLabel('A code from the app, or a recovery code').fill(recovery[2]);
  await page.keyboard.press('Enter');
  await expect(page.getByText('This code is not right')).toBeVisible();
});

test('whose role asks for a second factor is told in time, and let in nowhere else once it is due', async ({ browser, page }) => {
  const name = `SITTER${Date.now()}`;
  await signIn(page, 'admin');
  await page.goto('/admin/roles');
  await live(page);
  const form = page.locator('form[action="/fn/save_role"]').last();
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Second factor within').fill('7');
  await form.getByRole('checkbox', { name: 'Work tickets of every queue' }).check();
  await form.getByRole('button', { name: 'Save the role' }).click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText('a second factor within 7 days');

  const email = person('Sid', name);
  const desk = await browser.newContext({ javaScriptEnabled: false });
  const sid = await desk.newPage();
  await password(sid, email);
  await sid.waitForURL('/tickets');
  await sid.getByRole('link', { name: /^Set up a second factor by/ }).click();
  await expect(sid.getByText('asks for a second factor, by')).toBeVisible();
  await sid.goto('/portal');
  await expect(sid.getByRole('link', { name: /^Set up a second factor by/ })).toBeVisible();
  // The accessibility check is a script: the same person, in a browser with scripts.
  const scripted = await browser.newContext({ storageState: await desk.storageState() });
  const seen = await scripted.newPage();
  await seen.goto('/portal');
  await pictures(seen, 'second-factor-due-portal');
  await seen.goto('/tickets');
  await pictures(seen, 'second-factor-due');
  await scripted.close();

  await row.locator('summary').first().click();
  await row.getByLabel('Second factor within').fill('0');
  await row.getByRole('button', { name: 'Save the role' }).click();
  await expect(row).toContainText('a second factor at once');
  await sid.goto('/tickets');
  await sid.waitForURL('/second-factor');
  await expect(sid.getByText('Set it up to go on')).toBeVisible();
  await sid.getByLabel('Your password').fill('not my password');
  await sid.keyboard.press('Enter');
  await expect(sid.getByText('This is not your password.')).toBeVisible();
  await sid.getByLabel('Your password').fill(PASSWORD);
  await sid.keyboard.press('Enter');
  const key = await sid.locator('.card__key').innerText();
  await sid.getByLabel('Code', { exact: true }).fill(code(key));
  await sid.keyboard.press('Enter');
  await expect(sid.getByText('10 recovery codes are left')).toBeVisible();
  await sid.goto('/tickets');
  await expect(sid.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
  expect(new URL(sid.url()).pathname).toBe('/tickets');

  // Their telephone is gone, and the codes with it: whoever manages people knows them.
  await page.goto(`/admin/people?q=${encodeURIComponent(email)}`);
  await page.getByRole('link', { name: 'Sid' }).first().click();
  await live(page);
  await expect(page.locator('.facts')).toContainText('on since');
  await page.getByRole('button', { name: 'Turn off their second factor' }).click();
  await expect(page.locator('.facts')).toContainText('wanted by');
  await sid.goto('/tickets');
  await sid.waitForURL('/second-factor');
  await desk.close();
});
