// The requesters' pages as they are met: on a phone, enlarged, with a slow line.
import { expect, live, makeTicket, signIn, test } from '../support/fixtures';

test("the portal's first page needs no program until someone begins to write", async ({ page }) => {
  const subject = `Badge ${Date.now()} opens nothing`;
  await signIn(page, 'requester');
  await page.request.post('/portal/new', { multipart: { subject, description: 'Since noon.', website: '' } });
  const fetched: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    fetched.push(new URL(request.url()).pathname);
    sizes.push(request.sizes().then((size) => size.responseBodySize, () => 0));
  });
  await page.goto('/portal');
  await page.waitForLoadState('networkidle');
  await expect(page.getByRole('region', { name: 'My open requests' }).or(page.getByText('My open requests'))).toBeVisible();
  expect(fetched.filter((path) => /\.(wasm|js)$/.test(path))).toEqual([]);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(5000);
  expect(bytes).toBeLessThan(250_000);

  await page.getByLabel('What is wrong?').focus();
  await expect.poll(() => fetched.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  await expect(page.locator('body')).toHaveAttribute('data-live', 'ready');
  await page.getByLabel('What is wrong?').pressSequentially(subject.slice(0, 19));
  await expect(page.locator('.answers').getByRole('link', { name: subject })).toBeVisible();

  // Back from another page it shows the same.
  await page.getByRole('link', { name: 'My requests' }).click();
  await expect(page.getByRole('heading', { name: 'My requests' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'My open requests' })).toBeVisible();
  await expect(page.locator('.portal__section').getByRole('link', { name: subject })).toBeVisible();
});

test('a request opened as the first page needs no program, hears the answer, and takes over what was typed before one came', async ({ browser, page }) => {
  const desk = await browser.newContext();
  const agent = await desk.newPage();
  await signIn(agent, 'agent');
  const number = await makeTicket(agent, `The lift sings ${Date.now()}`);
  await signIn(page, 'user');
  const fetched: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    fetched.push(new URL(request.url()).pathname);
    sizes.push(request.sizes().then((size) => size.responseBodySize, () => 0));
  });
  for (const path of ['/portal/requests', '/portal/new', `/portal/requests/${number}`]) {
    fetched.length = sizes.length = 0;
    await page.goto(path);
    await page.waitForLoadState('load');
    await expect(page.locator('main h1')).toBeVisible();
    expect(fetched.filter((path) => /\.(wasm|js)$/.test(path))).toEqual([]);
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes, path).toBeGreaterThan(5000);
    expect(bytes, path).toBeLessThan(250_000);
  }

  await live(page);
  await agent.request.post(`/tickets/${number}/comments`, { multipart: { comment: 'Which song?', kind: 'reply' } });
  await expect(page.getByText('Which song?')).toBeVisible();
  expect(fetched.filter((path) => path.endsWith('.wasm'))).toEqual([]);

  // The program comes late, and someone types on meanwhile.
  await live(page);
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => { letThrough = resolve; });
  await page.route(/\.wasm$/, async (route) => { await held; await route.continue(); });
  await page.getByLabel('Your text').fill('Mostly the blue one.');
  await agent.request.post(`/tickets/${number}/comments`, { multipart: { comment: 'And how loud?', kind: 'reply' } });
  letThrough();
  await expect(page.getByText('And how loud?')).toBeVisible();
  await expect(page.getByLabel('Your text')).toHaveValue('Mostly the blue one.');
  await expect(page.getByText('Draft saved')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('article').getByText('Mostly the blue one.')).toBeVisible();
  await desk.close();
});

test('the portal works enlarged to 200 % and on the narrowest phone, and says when to expect an answer', async ({ browser, page }) => {
  // It is said once enough have been answered to know.
  const desk = await browser.newContext();
  const agent = await desk.newPage();
  await signIn(agent, 'agent');
  for (const n of [1, 2, 3, 4, 5]) {
    const number = await makeTicket(agent, `Answered at once ${n}`);
    await agent.request.post(`/tickets/${number}/comments`, { multipart: { comment: 'It works again.', kind: 'reply' } });
  }
  await desk.close();

  await signIn(page, 'requester');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto('/portal/new?category=other&subject=The+projector+of+the+long+meeting+room');
  await expect(page.getByText(/Most people have a first answer within/)).toBeVisible();
  await page.getByLabel('What happened').fill('It shows everything in green.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.waitForURL(/\/portal\/requests\/TKT-/);
  await expect(page.getByText(/(an|first) answer within/)).toBeVisible();
  const request = new URL(page.url()).pathname;
  // 640 pixels are what is left of 1280 at 200 %.
  for (const width of [320, 640]) {
    await page.setViewportSize({ width, height: 640 });
    for (const [name, path] of [['portal', '/portal'], ['portal-new', '/portal/new?category=other'], ['portal-requests', '/portal/requests'], ['portal-request', request]]) {
      await page.goto(path);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(sideways, `${path} at ${width}`).toBeLessThanOrEqual(0);
      const cut = await page.evaluate(() => [...document.querySelectorAll('main a, main button, main input, main textarea, main select, header a, header button')]
        .filter((element) => element.getClientRects().length && !element.closest('.sr-only, .skip') && !element.matches('.sr-only, .skip, [tabindex="-1"]'))
        .filter((element) => { const box = element.getBoundingClientRect(); return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1); })
        .map((element) => element.outerHTML.slice(0, 90)));
      expect(cut, `${path} at ${width}`).toEqual([]);
      await page.screenshot({ path: `../target/screenshots/${name}-light-${width}.png`, fullPage: true });
    }
  }
});
