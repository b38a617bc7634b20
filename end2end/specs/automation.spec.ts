// What the desk does by itself: rules as sentences, and webhooks.
import type { Page } from '@playwright/test';
import { accessible, expect, live, makeTicket, pictures, signIn, test } from '../support/fixtures';

const row = (page: Page, name: string) => page.locator('.arranged', { has: page.locator('.arranged__name', { hasText: name }) });

test('a rule is written as a sentence, tried, turned on, and does what it says', async ({ page }) => {
  // Every form of it is read by axe, and it is long.
  test.setTimeout(240_000);
  const mark = Date.now();
  await signIn(page, 'admin');
  const before = await makeTicket(page, `Flux ${mark} is broken`);
  await page.goto('/admin/automation');
  await live(page);
  const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New rule' }) });
  await form.getByLabel('Name').fill(`Flux ${mark}`);
  await form.getByLabel('What is looked at').first().selectOption('subject');
  await form.getByLabel('How it is compared').first().selectOption('CONTAINS');
  await form.getByLabel('With what').first().fill(`flux ${mark}`);
  await form.getByLabel('What is looked at').nth(1).selectOption('priority');
  await form.getByLabel('How it is compared').nth(1).selectOption('IS_NOT');
  await form.getByLabel('With what').nth(1).fill('Sleepy');
  await form.getByRole('button', { name: 'Save the rule' }).click();
  await expect(form.getByRole('alert')).toContainText('A rule does something');
  await expect(form.getByRole('alert')).toContainText('SLEEPY');
  await form.getByLabel('With what').nth(1).fill('Low, Critical');
  await form.getByLabel('What is done').first().selectOption('set_priority');
  await form.getByLabel('Which, or whom').first().fill('High');
  await form.getByLabel('What is done').nth(1).selectOption('note');
  await form.getByLabel('Its text').nth(1).fill('Of {{requester.name}}');
  // By keyboard alone.
  await form.getByRole('button', { name: 'Save the rule' }).focus();
  await page.keyboard.press('Enter');
  const rule = row(page, `Flux ${mark}`);
  await expect(rule).toContainText(`Off · When a ticket is created, and subject contains “flux ${mark}” and priority is none of Low or Critical, then set the priority to High; note “Of {{requester.name}}”.`);
  await rule.getByRole('link', { name: 'Try it' }).click();
  await expect(rule.locator('.rule__told').first()).toContainText(before);
  await expect(rule.locator('.rule__told').first()).toContainText('Priority: Medium → High');
  await expect(rule).toContainText('Nothing was done.');
  await page.screenshot({ path: '../target/screenshots/automation-tried-light-1440.png', fullPage: true });
  await accessible(page);
  await rule.getByRole('button', { name: 'Turn on' }).click();
  await expect(rule).toContainText('On · When a ticket');

  const number = await makeTicket(page, `Flux ${mark} again`);
  await page.goto(`/tickets/${number}`);
  await live(page);
  await expect(page.getByLabel('Priority')).toHaveValue('HIGH');
  await expect(page.getByText(`Flux ${mark}`, { exact: true }).first()).toBeVisible();
  await page.goto('/admin/automation');
  await live(page);
  await rule.getByRole('link', { name: 'Log' }).click();
  await expect(rule.locator('.rule__told', { hasText: number })).toContainText('Done: set the priority to High');
  await page.screenshot({ path: '../target/screenshots/automation-log-light-1440.png', fullPage: true });
  await accessible(page);
  await rule.locator('summary').click();
  await expect(rule.getByLabel('With what').nth(1)).toHaveValue('LOW, CRITICAL');
  await pictures(page, 'automation-form');
  await rule.getByRole('button', { name: 'Remove this rule' }).click();
  await expect(rule).toHaveCount(0);
});

test('skills and hours are written, and rules are taken elsewhere as text', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/automation');
  await live(page);
  const ana = row(page, 'Ana Ruiz');
  await ana.locator('summary').click();
  await ana.getByLabel(/^Skills/).fill('VPN, printer');
  await ana.getByRole('button', { name: 'Save' }).click();
  await expect(ana).toContainText('printer, vpn · at any hour');
  await page.getByRole('link', { name: 'Show all rules as text' }).click();
  const text = await page.getByLabel('All rules, to be taken to another desk').inputValue();
  expect(JSON.parse(text).some((rule: { name: string }) => rule.name === 'Close what was solved a week ago')).toBe(true);
  const mark = Date.now();
  await page.getByLabel('Rules of another desk').fill('[{"name": 1}]');
  await page.getByRole('button', { name: 'Take them over' }).click();
  await expect(page.locator('section', { hasText: 'Elsewhere' }).getByRole('alert')).toContainText('These are no rules');
  await page.getByLabel('Rules of another desk').fill(JSON.stringify([{ name: `Taken ${mark}`, enabled: true, moment: { since: 'STATUS', minutes: 2880 }, condition: { not: { field: 'tag', is: 'IS_SET' } }, actions: [{ do: 'raise_priority' }] }]));
  await page.getByRole('button', { name: 'Take them over' }).click();
  const taken = row(page, `Taken ${mark}`);
  await expect(taken).toContainText('Off · 2 days after it came into its status, and not (tag is set), then raise the priority.');
  // A condition that lines cannot say stays what it is.
  await taken.locator('summary').click();
  await taken.getByLabel('Name').fill(`Kept ${mark}`);
  await taken.getByRole('button', { name: 'Save the rule' }).click();
  await expect(row(page, `Kept ${mark}`)).toContainText('not (tag is set)');
  await row(page, `Kept ${mark}`).locator('summary').click();
  await row(page, `Kept ${mark}`).getByRole('button', { name: 'Remove this rule' }).click();
  await expect(row(page, `Kept ${mark}`)).toHaveCount(0);
});

test('a webhook is made, may not lead into the house, and its log says what became of a test', async ({ page }) => {
  const mark = Date.now();
  await signIn(page, 'admin');
  await page.goto('/admin/webhooks');
  await live(page);
  const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New webhook' }) });
  await form.getByLabel('Name').fill(`Chat ${mark}`);
  await form.getByLabel('Address').fill('https://169.254.169.254/latest');
  await form.getByLabel('ticket.created').check();
  await form.getByRole('button', { name: 'Save the webhook' }).click();
  await expect(form.getByRole('alert')).toContainText('not public');
  await form.getByLabel('Address').fill('https://hooks.invalid/chat');
  await form.getByRole('button', { name: 'Save the webhook' }).click();
  const hook = row(page, `Chat ${mark}`);
  await expect(hook).toContainText('https://hooks.invalid/chat');
  await hook.getByRole('link', { name: 'Show its secret' }).click();
  await expect(hook.locator('code')).toHaveText(/^whsec_/);
  await hook.getByRole('button', { name: 'Send a test' }).click();
  await hook.getByRole('link', { name: 'Log' }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.mail').first()).toContainText('tried once', { timeout: 1000 });
  }).toPass();
  await live(page);
  await expect(page.getByRole('heading', { name: `Told to Chat ${mark}` })).toBeVisible();
  await pictures(page, 'webhooks');
  await hook.locator('summary').click();
  await hook.getByRole('button', { name: 'Remove this webhook' }).click();
  await expect(hook).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a rule is written, turned on and removed', async ({ page }) => {
    const mark = Date.now();
    await signIn(page, 'admin');
    await page.goto('/admin/automation');
    const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New rule' }) });
    await form.getByLabel('Name').fill(`Plain ${mark}`);
    await form.getByRole('button', { name: 'Save the rule' }).click();
    await expect(form.getByRole('alert')).toContainText('A rule does something');
    await form.getByLabel('Name').fill(`Plain ${mark}`);
    await form.getByLabel('What is done').first().selectOption('add_tag');
    await form.getByLabel('Which, or whom').first().fill('plain');
    await form.getByRole('button', { name: 'Save the rule' }).click();
    const rule = row(page, `Plain ${mark}`);
    await expect(rule).toContainText('When a ticket is created, then tag it plain.');
    await rule.getByRole('button', { name: 'Turn on' }).click();
    await expect(rule).toContainText('On · ');
    await rule.locator('summary').click();
    await rule.getByRole('button', { name: 'Remove this rule' }).click();
    await expect(rule).toHaveCount(0);
  });
});
