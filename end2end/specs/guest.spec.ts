import { accessible, expect, signIn, test } from '../support/fixtures';

test('a person without an account follows the link in the mail, answers, and sees nothing else', async ({ browser, page, request }) => {
  const subject = `The gate hums ${Date.now()}`;
  const email = `vera${Date.now()}@example.com`;
  await request.post('/portal/new', { multipart: { subject, description: 'At night.', requester_email: email, requester_name: 'Vera Novak', website: '' } });
  await signIn(page, 'admin');
  await page.goto('/admin/outbox');
  const link = (await page.content()).match(/\/portal\/link\/[\w.-]+/)![0];

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const guest = await phone.newPage();
  await guest.goto(link);
  await expect(guest.getByRole('heading', { name: subject })).toBeVisible();
  await guest.screenshot({ path: '../target/screenshots/guest-light-390.png', fullPage: true });
  await accessible(guest);
  await guest.getByLabel('Your text').fill('It hums in C minor.');
  await guest.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(guest.getByText('It hums in C minor.')).toBeVisible();
  await expect(guest.getByText('Draft')).toHaveCount(0);
  await guest.goto('/portal/requests');
  await expect(guest).toHaveURL(/\/login/);
  await guest.goto(link.slice(0, -2) + 'xx');
  await expect(guest.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
  await accessible(guest);
  await phone.close();
});
