// Writing and doing the same thing often: Markdown, mentions, macros, many tickets at once.
import { accessible, expect, live, makeTicket, signIn, test } from '../support/fixtures';

test('what is written as Markdown is shown as it means, before and after sending', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'How do I reset it?');
  await page.goto(`/tickets/${number}`);
  await live(page);
  const text = page.getByLabel('Your text');
  await text.fill('Hold the button');
  await text.selectText();
  await page.getByRole('button', { name: 'Bold' }).click();
  await expect(text).toHaveValue('**Hold the button**');
  await text.press('End');
  await text.pressSequentially(' for:\n\n1. ten seconds\n2. `reset`\n\n<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.locator('.composer__preview strong')).toHaveText('Hold the button');
  await page.screenshot({ path: '../target/screenshots/composer-light-1440.png' });
  await accessible(page);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const sent = page.locator('.stream .message__text').last();
  await expect(sent.locator('li')).toHaveCount(2);
  await expect(sent.locator('code')).toHaveText('reset');
  await expect(sent).toContainText('<img src=x onerror=alert(1)>');
  await expect(sent.locator('img')).toHaveCount(0);
});

test('a colleague is mentioned in a note, and watches from then on', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Who knows the old switch?');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.keyboard.press('n');
  await page.getByLabel('Your text').pressSequentially('Please ask @mona');
  await page.getByRole('button', { name: '@Mona Manager' }).click();
  await expect(page.getByLabel('Your text')).toHaveValue('Please ask @Mona Manager ');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('.mention', { hasText: '@Mona Manager' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Watchers' }).locator('.kept__row', { hasText: 'Mona Manager' })).toBeVisible();
});

test('a macro is made, and used with two keys', async ({ page }) => {
  await signIn(page, 'agent');
  await page.goto('/macros');
  await live(page);
  await page.getByLabel('Name').fill('Ask for a photo');
  await page.getByLabel('Text', { exact: true }).fill('Hello {{requester.nickname}}');
  await page.getByRole('button', { name: 'Save the macro' }).click();
  await expect(page.getByText('stands for nothing')).toBeVisible();
  await page.getByLabel('Text', { exact: true }).fill('Hello {{requester.first_name}}, please send us a photo of it.');
  await page.getByLabel('Sending makes the ticket').selectOption('WAITING');
  await page.getByLabel('Priority').selectOption('LOW');
  await accessible(page);
  await page.getByRole('button', { name: 'Save the macro' }).click();
  await expect(page.locator('.macro__list', { hasText: 'Ask for a photo' })).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `../target/screenshots/macros-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  const number = await makeTicket(page, 'The lid is broken');
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.keyboard.press('r');
  await page.keyboard.press('/');
  await expect(page.getByRole('button', { name: 'Ask for a photo' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Your text')).toHaveValue(/please send us a photo/);
  await expect(page.getByLabel('Priority')).toHaveValue('LOW');
  await page.getByRole('button', { name: 'Send, waiting' }).click();
  await expect(page.locator('.talk__head .status')).toHaveText('Waiting');
  await page.goto('/macros');
  await live(page);
  await page.getByRole('button', { name: 'Delete Ask for a photo' }).click();
  await expect(page.locator('.macro__list', { hasText: 'Ask for a photo' })).toBeHidden();
});

test('several tickets are changed at once, with keys, and what refuses is named', async ({ page }) => {
  await signIn(page, 'agent');
  const mark = `together${Date.now()}`;
  const numbers = [await makeTicket(page, `${mark} one`), await makeTicket(page, `${mark} two`), await makeTicket(page, `${mark} three`)];
  await page.goto(`/tickets?q=${mark}`);
  await live(page);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const bar = page.getByRole('region', { name: 'Change the chosen tickets' });
  await expect(bar).toBeVisible();
  await page.screenshot({ path: '../target/screenshots/bulk-light-1440.png' });
  await accessible(page);
  await bar.getByLabel('Status').selectOption('CANCELLED');
  await bar.getByLabel('What solved it').fill('A drill.');
  await bar.getByRole('button', { name: 'Change them' }).click();
  await expect(page.getByText('2 tickets changed.')).toBeVisible();
  await expect(page.locator('.row .status', { hasText: 'Cancelled' })).toHaveCount(2);

  for (const number of numbers) await page.getByRole('checkbox', { name: `Choose ${number}` }).check({ force: true });
  await bar.getByLabel('Status').selectOption('WAITING');
  await bar.getByRole('button', { name: 'Change them' }).click();
  await expect(page.getByText('1 changed, 2 not.')).toBeVisible();
  await expect(page.getByText('cannot become Waiting').first()).toBeVisible();
});

test('a reply is taken back before it is sent, and nobody has seen it', async ({ browser, page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, 'Is it on?');
  const home = await browser.newContext();
  const requester = await home.newPage();
  await signIn(requester, 'user');
  await requester.goto(`/portal/requests/${number}`);
  await live(requester);
  await page.goto(`/tickets/${number}`);
  await live(page);
  await page.getByLabel('Your text').fill('Have you tried to turn it off?');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText('Sending…')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Sending…')).toBeHidden();
  await expect(page.getByLabel('Your text')).toHaveValue('Have you tried to turn it off?');
  await expect(requester.getByText('turn it off')).toHaveCount(0);

  await page.getByLabel('Your text').fill('Please turn it on.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(requester.getByText('Please turn it on.'), 'it goes by itself').toBeVisible();
  await expect(page.getByText('Sending…')).toBeHidden();
  await expect(requester.getByText('turn it off')).toHaveCount(0);
  await home.close();
});
