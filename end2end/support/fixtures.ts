// What every spec begins with: a page whose console must stay silent, ways to sign in, and the accessibility check.
import { test as base, expect, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

export type Account = 'admin' | 'manager' | 'agent' | 'user' | 'requester';

export const test = base.extend<{ quiet: void }>({
  // Any console error, failed hydration included, fails the test that saw it.
  quiet: [async ({ page }, use) => {
    const said: string[] = [];
    page.on('console', (message) => { if (message.type() === 'error') said.push(message.text()); });
    page.on('pageerror', (error) => said.push(String(error)));
    await use();
    // A refused form or page is answered with its status, which the browser logs too; so is what a mail in its frame may not do.
    const expected = /status of (401|403|404|409|413|422|429)|^Blocked script execution in '[^']*\/mail(\/|-preview|-try)|^Loading the image 'https:/;
    expect(said.filter((text) => !expected.test(text))).toEqual([]);
  }, { auto: true }],
});

export { expect };

export async function signIn(page: Page, account: Account) {
  await page.goto('/login');
  await page.getByLabel('E-mail').fill(`${account}@demo.test`);
  await page.getByLabel('Password').fill('demo-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/(tickets|portal)$/, { timeout: 20_000 });
}

/** Hydrated, and listening for live updates. */
export async function live(page: Page) {
  await expect(page.locator('body')).toHaveAttribute('data-live', 'ready');
}

export async function accessible(page: Page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  // Only what is wrong is described, and in this page rather than in one opened for it: a third of the time.
  const result = await new AxeBuilder({ page }).options({ runOnly: tags, resultTypes: ['violations'] }).setLegacyMode(true).analyze();
  expect(result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(' | ')}`)).toEqual([]);
}

/** Makes a ticket in someone's name, as the signed-in agent, and answers with its number. */
export async function makeTicket(page: Page, subject: string, requester = 'user@demo.test') {
  const answer = await page.request.post('/fn/create_ticket', { form: { subject, description: `${subject}: please help.`, requester_email: requester } });
  expect(answer.ok()).toBeTruthy();
  return answer.headers()['location'].split('/').pop()!;
}

/** A heading beside the ticket that opens its form. */
export async function unfold(page: Page, name: string) {
  await page.locator(`details[data-fold="${name}"] > summary`).click();
}

/** A page as it is in both colour schemes, wide and narrow: kept, read by axe, and never wider than its window. */
export async function pictures(page: Page, name: string) {
  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(sideways, `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
    await page.screenshot({ path: `../target/screenshots/${name}-${scheme}-${width}.png`, fullPage: true });
    await accessible(page);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}
