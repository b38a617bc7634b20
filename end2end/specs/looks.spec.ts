// Every page as a picture, light and dark, wide and narrow, and read by axe.
import { accessible, expect, live, signIn, test, type Account } from '../support/fixtures';

const pages: [string, string, Account | null][] = [
  ['sign-in', '/login', null],
  ['register', '/register', null],
  ['forgot', '/forgot', null],
  ['reset', '/reset/x', null],
  ['verify', '/verify/x', null],
  ['components', '/ui', null],
  ['not-found', '/no-such-page', null],
  ['portal', '/portal', 'requester'],
  ['portal-new', '/portal/new', 'requester'],
  ['portal-new-stranger', '/portal/new?category=other', null],
  ['portal-new-form', '/portal/new?category=other&subject=My%20screen%20stays%20black', 'requester'],
  ['portal-thanks', '/portal/thanks?number=TKT-2026-0001', null],
  ['portal-requests', '/portal/requests', 'requester'],
  ['portal-request', '/portal/requests/{first}', 'requester'],
  ['portal-account', '/portal/account', 'requester'],
  ['kb-internal', '/portal/kb/swollen-batteries', 'agent'],
  ['portal-things', '/portal/assets', 'agent'],
  ['portal-new-about', '/portal/new?category=other', 'agent'],
  ['kb-new', '/knowledge/new', 'agent'],
  ['list', '/tickets', 'agent'],
  ['list-grouped', '/tickets?group=priority&cols=requester,queue,category,updated,due', 'agent'],
  ['list-beside', '/tickets?open={first}', 'agent'],
  ['list-empty', '/tickets?q=nothinglikethis', 'agent'],
  ['ticket', '/tickets/{first}', 'agent'],
  ['ticket-new', '/tickets/new', 'agent'],
  ['macros-empty', '/macros', 'agent'],
  ['account', '/account', 'agent'],
  ['forbidden', '/admin/outbox', 'agent'],
  ['admin', '/admin', 'admin'],
  ['outbox', '/admin/outbox', 'admin'],
  ['queues', '/admin/queues', 'admin'],
  ['teams', '/admin/teams', 'admin'],
  ['categories', '/admin/categories', 'admin'],
  ['fields', '/admin/fields', 'admin'],
  ['reports', '/reports', 'admin'],
  ['automation', '/admin/automation', 'admin'],
  ['webhooks-empty', '/admin/webhooks', 'admin'],
  ['mailboxes', '/admin/mailboxes?preset=imap', 'admin'],
  ['asset-new', '/assets/new', 'admin'],
  ['asset-imports', '/assets/import', 'admin'],
  ['assets-deleted', '/assets?q=is:deleted', 'admin'],
  ['quarantine', '/admin/quarantine', 'admin'],
  ['mail-texts', '/admin/mail-texts', 'admin'],
  ['try-message', '/admin/try-message', 'admin'],
];
const first = `TKT-${new Date().getUTCFullYear()}-0001`;

for (const account of [null, 'requester', 'agent', 'admin'] as (Account | null)[]) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`the pages of ${account ?? 'a stranger'} look right and are accessible, ${scheme}`, async ({ page }) => {
      test.setTimeout(240_000);
      if (account) await signIn(page, account);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      for (const [name, path] of pages.filter((entry) => entry[2] === account)) {
        for (const [width, height] of [[1440, 900], [390, 844]]) {
          await page.setViewportSize({ width, height });
          await page.goto(path.replace('{first}', first));
          await page.waitForLoadState('load');
          await page.evaluate(() => document.fonts.ready);
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(sideways, `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
          await page.screenshot({ path: `../target/screenshots/${name}-${scheme}-${width}.png`, fullPage: true });
          await accessible(page);
        }
      }
    });
  }
}

test('menus, dialogs and messages are accessible when they are open', async ({ page }) => {
  // Eight readings by axe, each of which takes seconds on a busy machine.
  test.setTimeout(150_000);
  await signIn(page, 'agent');
  await live(page);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.getByRole('button', { name: 'Ana Ruiz' }).click();
      await expect(page.getByRole('link', { name: 'Account', exact: true })).toBeVisible();
      await page.screenshot({ path: `../target/screenshots/menu-${scheme}-${width}.png` });
      await accessible(page);
      await page.getByRole('button', { name: 'Keyboard' }).click();
      await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
      await page.screenshot({ path: `../target/screenshots/keys-${scheme}-${width}.png` });
      await accessible(page);
      await page.keyboard.press('Escape');
      await page.goto('/ui');
      await live(page);
      await page.getByRole('button', { name: 'Say something' }).click();
      await expect(page.locator('.toasts .toast')).toBeVisible();
      await page.screenshot({ path: `../target/screenshots/toast-${scheme}-${width}.png` });
      await page.goto('/tickets');
      await live(page);
    }
  }
});
