// Two `oxdesk serve` on one database: what is written through one is seen through the other, without reloading.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, live, signIn, test } from '../support/fixtures';

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

let second: ChildProcess;
let address: string;

test.beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  second = spawn(process.env.OXDESK_BIN!, ['serve', '--no-worker'], { cwd: '..', env: { ...process.env, OXDESK_ADDR: `127.0.0.1:${port}` }, stdio: 'ignore' });
  await expect.poll(async () => fetch(`${address}/readyz`).then((answer) => answer.status, () => 0), { timeout: 20_000 }).toBe(200);
});

test.afterAll(async () => {
  second.kill('SIGTERM');
  await new Promise((resolve) => second.on('exit', resolve));
});

test('an answer given on one node appears on the other', async ({ browser, page }) => {
  await signIn(page, 'agent');
  await page.goto('/tickets/new');
  await page.getByLabel('Who asks?').fill('user@demo.test');
  await page.getByLabel('Subject').fill('Across two nodes');
  await page.getByLabel('What happened?').fill('Both see it.');
  await page.getByRole('button', { name: 'Create the ticket' }).click();
  await page.waitForURL(/\/tickets\/TKT-/);
  const number = page.url().split('/').pop()!;

  const other = await browser.newContext({ baseURL: address });
  const requester = await other.newPage();
  await signIn(requester, 'user');
  await requester.goto(`/portal/requests/${number}`);
  await live(requester);
  await live(page);
  await page.getByLabel('Your text').fill('Greetings from the first node');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(requester.getByText('Greetings from the first node')).toBeVisible();
  await requester.getByLabel('Your text').fill('And back from the second');
  await requester.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText('And back from the second')).toBeVisible();
  await other.close();
});
