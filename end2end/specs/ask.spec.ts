// Questions that the desk answers, and what is drafted and suggested for those who work here. The model is a program that
// says what it is told to say; see support/model.mjs.
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';

const BLACK = 'my screen stays black after the update';

test('a question is answered from articles, in words, and becomes a request', async ({ page }) => {
  await page.goto('/portal');
  await page.getByLabel('What is wrong?').fill(BLACK);
  await page.getByRole('button', { name: 'Find an answer' }).click();
  await expect(page).toHaveURL(/\/portal\/ask\?subject=/);
  await expect(page.locator('.passage').first()).toContainText('The display shows nothing after an upgrade');
  await expect(page.getByRole('link', { name: 'Make it a request' })).toBeVisible();
  await pictures(page, 'ask');

  await signIn(page, 'requester');
  await page.goto('/portal/ask');
  await page.getByLabel('Your question').fill(BLACK);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/portal\/ask\/[0-9a-f-]{36}$/);
  const answer = page.locator('.turn__answer');
  await expect(answer, 'what was written so far is shown').toContainText('Hold the power button');
  await expect(answer.getByRole('link', { name: '1' })).toHaveAttribute('href', /\/portal\/kb\/the-display-shows-nothing-after-an-upgrade/);
  await expect(answer.locator('strong')).toHaveText('ten seconds');
  await page.getByText('From these articles').click();
  await expect(page.locator('.passage--cited')).toContainText('The display shows nothing after an upgrade');
  await pictures(page, 'ask-answered');

  await page.getByLabel('Your question').fill('And a screen in lunar colours, after the update?');
  await page.getByRole('button', { name: 'Ask on' }).click();
  await expect(page.getByText('I don’t know').or(page.getByText("I don't know: our articles do not say."))).toBeVisible();
  await page.getByRole('link', { name: 'Make it a request' }).click();
  await page.getByRole('link', { name: 'Something else' }).click();
  await expect(page.getByLabel('In a sentence')).toHaveValue(BLACK);
  await expect(page.getByText('What you asked, and what was answered, goes along')).toBeVisible();
  await page.getByLabel('What happened').fill('It did not help.');
  await accessible(page);
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  await expect(page.getByText('It did not help.')).toBeVisible();
  await expect(page.locator('main')).toContainText('Hold the power button for ten seconds');
  await pictures(page, 'ask-became');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a question is answered all the same', async ({ page }) => {
    await signIn(page, 'user');
    await page.goto('/portal/ask');
    await page.getByLabel('Your question').fill(BLACK);
    await page.getByRole('button', { name: 'Ask' }).click();
    await expect(page.locator('.passage').first()).toContainText('The display shows nothing after an upgrade');
    await page.getByRole('link', { name: 'Show the answer in words' }).click();
    await expect(page.locator('.turn__answer strong')).toHaveText('ten seconds');
    await page.getByLabel('Your question').fill(' ');
    await page.getByRole('button', { name: 'Ask on' }).click();
    await expect(page.getByRole('alert')).toContainText('What would you like to know?');
  });
});

test('an agent has a ticket summed up, a reply drafted and an article begun, and nothing happens by itself', async ({ page }) => {
  await signIn(page, 'agent');
  const number = await makeTicket(page, `The badge reader ${Date.now()} is dark`);
  await page.goto(`/tickets/${number}`);
  await live(page);
  const assistant = page.getByRole('region', { name: 'Assistant' });
  await assistant.getByRole('button', { name: 'Sum up' }).focus();
  await page.keyboard.press('Enter');
  await expect(assistant.getByRole('region', { name: 'Summary' })).toContainText('Next: a look at its cable.');
  await pictures(page, 'assistant');
  await assistant.getByRole('button', { name: 'Drop it' }).click();
  await expect(assistant.getByRole('region', { name: 'Summary' })).toHaveCount(0);
  // It knows what stands in notes, and becomes nothing else.
  await assistant.getByRole('button', { name: 'Sum up' }).click();
  await assistant.getByRole('button', { name: 'Put it into a note' }).click();
  await expect(page.getByRole('radio', { name: 'Note' })).toBeChecked();
  await expect(page.getByLabel('Your text')).toHaveValue(/Next: a look at its cable/);
  await page.getByRole('radio', { name: 'Reply' }).check({ force: true });
  await expect(page.getByLabel('Your text')).toHaveValue('');
  await assistant.getByLabel('Tone').selectOption('formal');
  await assistant.getByRole('button', { name: 'Draft a reply' }).click();
  await assistant.getByRole('button', { name: 'Put it into the answer' }).click();
  await expect(page.getByLabel('Your text')).toHaveValue(/hold your badge to the reader/);
  await assistant.getByLabel('Into the language').fill('German!');
  await assistant.getByRole('button', { name: 'Translate the last' }).click();
  await expect(assistant.getByRole('alert')).toContainText('The name of a language');
  await assistant.getByLabel('Into the language').fill('German');
  await assistant.getByRole('button', { name: 'Translate the last' }).click();
  await expect(assistant.getByRole('region', { name: 'Translation' })).toHaveText('Das Lesegerät ist dunkel.');
  await page.goto(`/knowledge/new?ticket=${number}&draft=model`);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(/## What helps/);

  await signIn(page, 'admin');
  await page.goto('/admin/ai');
  await expect(page.locator('.table')).toContainText(number);
  await expect(page.locator('.table')).toContainText('127.0.0.1');
  await pictures(page, 'ai-log');
});

test('what solved tickets like it have is taken with a click', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'agent');
  for (const subject of ['Projector in the big hall shows stripes', 'Stripes on the projector of the big hall']) {
    const old = await makeTicket(page, `${subject} ${mark}`);
    await page.goto(`/tickets/${old}`);
    await live(page);
    await page.getByLabel('Priority').selectOption('CRITICAL');
    await expect(page.locator('.event', { hasText: 'Critical' })).toBeVisible();
    await page.getByLabel('Your text').fill('A new cable helped.');
    await page.getByRole('button', { name: 'Send and resolve' }).click();
    await expect(page.locator('.status', { hasText: 'Resolved' }).first()).toBeVisible({ timeout: 30_000 });
  }
  const number = await makeTicket(page, `The projector of the big hall has stripes ${mark}`);
  const suggested = page.getByRole('region', { name: 'Suggested' });
  await expect(async () => {
    await page.goto(`/tickets/${number}`);
    await expect(suggested).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 40_000 });
  await live(page);
  await accessible(page);
  await page.screenshot({ path: '../target/screenshots/suggested-light-1440.png' });
  await suggested.getByRole('button', { name: 'Take “Critical”' }).click();
  await expect(page.getByLabel('Priority')).toHaveValue('CRITICAL');
  await expect(suggested).toHaveCount(0);
});
