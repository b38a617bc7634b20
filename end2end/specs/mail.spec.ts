// Mail: a mailbox is connected, a message is tried and taken in, what was set aside is let in, the mail as it came is shown.
import { execFileSync } from 'node:child_process';
import { accessible, expect, live, signIn, test } from '../support/fixtures';

/** Hands a message over as a mail server's pipe does. */
function ingest(raw: string, mailbox = 'Support') {
  const answer = execFileSync(process.env.OXDESK_BIN!, ['mail', 'ingest', '--mailbox', mailbox], { input: raw, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  return JSON.parse(answer) as { outcome: string; ticket: string | null; reason: string | null };
}

test('an administrator connects a mailbox and hears from its server what is wrong', async ({ page }) => {
  const name = `Orders ${Date.now()}`;
  await signIn(page, 'admin');
  await page.goto('/admin/mailboxes');
  await live(page);
  await page.getByRole('link', { name: /Gmail/ }).click();
  const form = page.locator('form.arranged__form').filter({ has: page.getByRole('button', { name: 'Save the mailbox' }) }).last();
  await expect(form.getByLabel('Server').first()).toHaveValue('imap.gmail.com');
  await page.getByRole('link', { name: /An IMAP host/ }).click();
  await form.getByLabel('Name').first().fill(name);
  await form.getByRole('button', { name: 'Save the mailbox' }).click();
  await expect(form.getByText('Where is mail to be fetched?')).toBeVisible();
  await form.getByLabel('Server').first().fill('127.0.0.1');
  await form.getByLabel('Port').first().fill('1');
  await form.getByLabel('User').first().fill('orders');
  await form.getByLabel('Password').first().fill('hunter2');
  await form.getByRole('button', { name: 'Save the mailbox' }).click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain('hunter2');
  await row.getByRole('button', { name: 'Try its servers' }).click();
  await expect(row.getByText(/refused/i)).toBeVisible();
  await accessible(page);
  await row.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
});

test('a message is tried, taken in, and shown as it came', async ({ page }) => {
  const stamp = Date.now();
  await signIn(page, 'admin');
  await page.goto('/admin/try-message');
  await live(page);
  const raw = `From: Vera Novak <vera${stamp}@example.com>\nTo: support@demo.test\nSubject: Badge ${stamp}\nMessage-ID: <${stamp}@example.com>\nContent-Type: text/html\n\n<p>It does <b>not</b> open the door.</p><script>document.title='owned'</script><img src="https://tracker.example/p.png"><p>Sent from my iPhone</p>`;
  await page.getByLabel('The message').fill(raw);
  await page.getByRole('button', { name: 'Look' }).click();
  const seen = page.locator('.read');
  await expect(seen).toContainText('Vera Novak');
  await expect(seen.locator('.mail__body').first()).toHaveText('It does not open the door.');
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/try-message-read-light-1440.png', fullPage: true });
  await page.getByLabel('Into').selectOption({ label: 'Support' });
  await page.getByRole('button', { name: 'Take it in' }).click();
  await page.waitForURL(/\/tickets\/TKT-/);
  await expect(page.getByRole('heading', { name: `Badge ${stamp}` })).toBeVisible();
  await live(page);
  await page.getByText('The mail as it came').click();
  const frame = page.frameLocator('iframe.message__mail').first();
  await expect(frame.getByText('It does not open the door.')).toBeVisible();
  await expect(frame.getByText('Pictures from elsewhere are not shown')).toBeVisible();
  expect(await page.title()).not.toBe('owned');
  await page.screenshot({ path: '../target/screenshots/ticket-mail-light-1440.png', fullPage: true });

  // Her answer comes through the pipe; a second copy does nothing.
  const number = page.url().split('/').pop()!;
  const answer = `From: vera${stamp}@example.com\nSubject: Re: [${number}] Badge\nMessage-ID: <2-${stamp}@example.com>\n\nNow it does.\n\nOn Mon, 5 Jan 2026 at 10:00 Support <support@demo.test> wrote:\n> we have your request\n`;
  expect(ingest(answer)).toMatchObject({ outcome: 'appended', ticket: number });
  expect(ingest(answer)).toMatchObject({ outcome: 'duplicate', ticket: number });
  await expect(page.getByText('Now it does.')).toBeVisible();
  await expect(page.locator('.message').filter({ hasText: 'Now it does.' })).not.toContainText('we have your request');
  await expect(frame.getByText('It does not open the door.'), 'what is being read stays open when something happens').toBeVisible();
});

test('what was set aside is looked at and let in', async ({ page }) => {
  const stamp = Date.now();
  const raw = `From: shop${stamp}@example.com\nSubject: Cheap paper ${stamp}\nMessage-ID: <s${stamp}@example.com>\nX-Spam-Flag: YES\n\nBuy now.\n`;
  expect(ingest(raw)).toMatchObject({ outcome: 'quarantined' });
  await signIn(page, 'admin');
  await page.goto('/admin/quarantine');
  await live(page);
  const row = page.getByRole('listitem').filter({ hasText: `Cheap paper ${stamp}` });
  await expect(row).toContainText('marked it as spam');
  await row.getByRole('link', { name: 'Look' }).click();
  await expect(row.locator('.read')).toContainText('Buy now.');
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/quarantine-open-light-1440.png', fullPage: true });
  await row.getByRole('button', { name: 'Let it in' }).click();
  await expect(row).toHaveCount(0);
  await page.goto(`/tickets?q=${encodeURIComponent(`"Cheap paper ${stamp}"`)}`);
  await expect(page.getByRole('link', { name: new RegExp(`Cheap paper ${stamp}`) })).toBeVisible();
});

test('an administrator writes what a mail says, sees how it looks, and takes ours again', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/mail-texts');
  await live(page);
  const row = page.getByRole('listitem').filter({ hasText: 'A new link' });
  await row.locator('summary').click();
  await row.getByLabel('Text').fill('Good day {{ requester.first_name }},\n\n{{ lnk }}');
  await row.getByRole('button', { name: 'Save' }).click();
  await expect(row.locator('.quick__error').first()).toContainText('undefined');
  await row.getByLabel('Text').fill('Good day {{ requester.first_name }},\n\nhere you go: {{ link }}');
  // Before the frame has a page in which nothing runs, the check too.
  await accessible(page);
  await row.getByRole('button', { name: 'Look' }).click();
  const mail = row.frameLocator('iframe');
  await expect(mail.getByText('Good day Vera,')).toBeVisible();
  await expect(mail.getByRole('link', { name: /portal\/requests/ })).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `../target/screenshots/mail-texts-open-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await row.getByRole('button', { name: 'Save' }).click();
  await expect(row.getByText('your own')).toBeVisible();
  await row.locator('summary').click();
  await row.getByRole('button', { name: 'Take ours again' }).click();
  await expect(row.getByText('your own')).toHaveCount(0);
});

test('a reader shows a sender’s pictures once and for all, and takes that back', async ({ page }) => {
  const stamp = Date.now();
  const raw = `From: Paula <paula${stamp}@example.com>\nSubject: Poster ${stamp}\nMessage-ID: <p${stamp}@example.com>\nContent-Type: text/html\n\n<p>See the poster.</p><img src="https://pictures.example/p.png">`;
  const { ticket } = ingest(raw);
  await signIn(page, 'agent');
  await page.route('https://pictures.example/**', (route) => route.fulfill({ status: 204 }));
  await page.goto(`/tickets/${ticket}`);
  await live(page);
  await page.getByText('The mail as it came').click();
  const frame = page.frameLocator('iframe.message__mail');
  await expect(frame.getByText('Pictures from elsewhere are not shown')).toBeVisible();
  await page.getByRole('button', { name: 'Always show this sender’s pictures' }).click();
  await expect(page.getByText('Shown from now on.')).toBeVisible();
  await page.reload();
  await live(page);
  await page.getByText('The mail as it came').click();
  await expect(frame.getByText('as you chose for this sender')).toBeVisible();
  await page.getByRole('button', { name: 'Ask again before' }).click();
  await expect(page.getByText('You will be asked again.')).toBeVisible();
});

test('an agent writes a signature', async ({ page }) => {
  await signIn(page, 'manager');
  await page.goto('/account');
  await live(page);
  await page.getByLabel('Below your answers by mail').fill('Mona Manager\nService desk');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Below your answers by mail')).toHaveValue('Mona Manager\nService desk');
  await accessible(page);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('mail is arranged, tried, taken in and let in', async ({ page }) => {
    const stamp = Date.now();
    await signIn(page, 'admin');
    await page.goto('/admin/mailboxes?preset=imap');
    const name = `Plain ${stamp}`;
    const form = page.locator('form.arranged__form').filter({ has: page.getByRole('button', { name: 'Save the mailbox' }) }).last();
    await form.getByLabel('Name').first().fill(name);
    await form.getByRole('button', { name: 'Save the mailbox' }).click();
    await expect(form.getByText('Where is mail to be fetched?')).toBeVisible();

    await page.goto('/admin/try-message');
    const raw = `From: Nora <nora${stamp}@example.com>\nSubject: No scripts ${stamp}\nMessage-ID: <n${stamp}@example.com>\n\nIt hums.\n`;
    await page.getByLabel('The message').fill(raw);
    await page.getByRole('button', { name: 'Look' }).click();
    await expect(page.frameLocator('iframe[name=tried]').getByText('It hums.').first()).toBeVisible();
    await page.getByLabel('Into').selectOption({ label: 'Support' });
    await page.getByRole('button', { name: 'Take it in' }).click();
    await expect(page.getByRole('heading', { name: `No scripts ${stamp}` })).toBeVisible();

    ingest(`From: shop${stamp}@example.com\nSubject: Cheap ink ${stamp}\nMessage-ID: <i${stamp}@example.com>\nX-Spam-Flag: YES\n\nBuy.\n`);
    await page.goto('/admin/quarantine');
    const row = page.getByRole('listitem').filter({ hasText: `Cheap ink ${stamp}` });
    await row.getByRole('button', { name: 'Let it in' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: `Cheap ink ${stamp}` })).toHaveCount(0);
    await expect(page.getByText(`shop${stamp}@example.com`)).toBeVisible();

    await page.goto('/admin/mail-texts');
    const text = page.getByRole('listitem').filter({ hasText: 'Confirm your address' });
    await text.locator('summary').click();
    await text.getByRole('button', { name: 'Look' }).click();
    await expect(text.frameLocator('iframe').getByText('Hello Vera Novak')).toBeVisible();
  });
});
