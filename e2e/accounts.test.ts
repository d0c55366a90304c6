import { expect, test } from '@jest/globals';
import { account } from '../testing/browser-stack.ts';
import { createFakeClerk } from '../testing/clerk.ts';
import { eventually } from '../testing/eventually.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test('an owner invites somebody, who joins, is seen, and is out once removed', async () => {
  const owner = await stack.open({ path: '/members' });
  const email = 'ada@example.org';
  await owner.page.getByLabel('Email', { exact: true }).fill(email);
  await owner.page.getByRole('button', { name: 'Invite' }).click();
  const dialog = owner.page.getByRole('dialog', { name: 'Invitation link' });
  const link = (await dialog.locator('code').textContent()) ?? '';
  expect(link).toMatch(/\/invitation#token=[\w-]{43}$/);
  await dialog.getByRole('button', { name: 'Done' }).click();

  const guest = await stack.openFresh();
  await guest.page.goto(link);
  await guest.page.getByText(email).waitFor();
  await guest.page.getByLabel('First name').fill('Ada');
  await guest.page.getByLabel('Password').fill('password1');
  await guest.page.getByLabel('First name').focus();
  await guest.page.getByText('too common').waitFor();
  await guest.page.getByLabel('Password').fill('correct horse battery');
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.page.waitForURL((url) => url.pathname !== '/invitation');
  await guest.page.goto(`${stack.server.url}/settings`);
  await guest.page.getByText('this session').waitFor();

  await owner.page.reload();
  await owner.page.getByRole('button', { name: `Remove ${email}` }).click();
  await owner.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await owner.page.getByText(email).waitFor({ state: 'detached' });
  // Where the page has heard of it already, it leaves by itself, and there is nothing left to reload.
  await guest.page.reload().catch(() => undefined);
  await guest.page.waitForURL(/\/sign-in/);
  await owner.page.goto(`${stack.server.url}/audit`);
  await owner.page.getByText('Removed a member').waitFor();
  expect(owner.troubles).toEqual([]);
  await guest.context.close();
  await owner.context.close();
});

test('a viewer comes in, and finds nothing that it may not do', async () => {
  const { page, context } = await stack.open({ path: '/members' });
  const invited = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: 'viewer@example.org', role: 'viewer' });
    const response = await fetch('/api/invitations', { method: 'POST', headers, body });
    return (await response.json()) as { path: string };
  });
  const guest = await stack.openFresh();
  await guest.page.goto(stack.server.url + invited.path);
  await guest.page.getByLabel('Password').fill('correct horse battery');
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.page.waitForURL((url) => url.pathname === '/');
  await guest.page.goto(`${stack.server.url}/settings`);
  await guest.page.getByText('Viewers cannot create keys.').waitFor();
  await guest.context.close();
  await context.close();
});

test('Clerk is loaded where it keeps the accounts, and nowhere else', async () => {
  const scripts: string[] = [];
  const local = await stack.openFresh();
  local.page.on('request', (request) => scripts.push(request.url()));
  await local.page.goto(`${stack.server.url}/sign-in`);
  await local.page.getByLabel('Password').waitFor();
  expect(scripts.filter((url) => /clerk/i.test(url))).toEqual([]);
  expect(local.troubles).toEqual([]);

  const { PUBLIC_URL: _origin, ...env } = createFakeClerk().env;
  const server = await stack.installation.startServer({ ...env, BOOTSTRAP_PASSWORD: '' });
  const clerk = await stack.openFresh();
  const asked: string[] = [];
  clerk.page.on('request', (request) => asked.push(new URL(request.url()).host));
  await clerk.page.goto(`${server.url}/sign-in`);
  await clerk.page.getByText('Loading sign-in').waitFor();
  await eventually(() => asked.some((host) => host.includes('clerk')));
  const foreign = new Set(asked.filter((host) => host !== new URL(server.url).host));
  expect([...foreign]).toEqual(['tidy-loom-7.clerk.accounts.dev']);
  await clerk.context.close();
  await local.context.close();
});

test('C22: a mail scanner that opens a sign-in link and runs its scripts does not use it up', async () => {
  const owner = await stack.open({ path: '/members' });
  const path = await owner.page.evaluate(async () => {
    const { items } = (await (await fetch('/api/members')).json()) as { items: { id: string }[] };
    const made = await fetch(`/api/members/${items[0]!.id}/sign-in-link`, { method: 'POST' });
    return ((await made.json()) as { path: string }).path;
  });
  for (const who of ['scanner', 'scanner again', 'person']) {
    const { page, context } = await stack.openFresh();
    await page.goto(stack.server.url + path);
    await page.getByText('This link works once.').waitFor();
    await page.waitForLoadState('networkidle');
    if (who === 'person') {
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL((url) => url.pathname !== '/sign-in');
    }
    await context.close();
  }
  const late = await stack.openFresh();
  await late.page.goto(stack.server.url + path);
  await late.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await late.page.getByText('used already').waitFor();
  await late.page.getByRole('button', { name: 'Use a password instead' }).click();
  await late.page.getByLabel('Password').waitFor();
  await late.context.close();
  await owner.context.close();
});

test('C23: the first visit to the front door leads to the starter on the canvas', async () => {
  const owner = await stack.open({ path: '/members' });
  const path = await owner.page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: 'first@example.org', role: 'member' });
    return ((await (await fetch('/api/invitations', { method: 'POST', headers, body })).json()) as { path: string })
      .path;
  });
  await owner.context.close();
  const accepted = await fetch(`${stack.server.url}/api/auth/accept-invitation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: path.split('token=')[1], password: 'correct horse battery' }),
  });
  expect(accepted.status).toBe(200);
  const { page, context } = await stack.openFresh();
  await page.goto(`${stack.server.url}/`);
  await page.getByLabel('Email').fill('first@example.org');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/workflows\/\d+$/);
  await context.close();
});

test('security case 10: a picture that was looked at is gone from the browser with the session', async () => {
  const { page, context } = await stack.openFresh();
  await page.goto(`${stack.server.url}/sign-in`);
  const signIn = () =>
    page.evaluate(async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/auth/sign-in', { method: 'POST', headers, body: JSON.stringify(body) })).status;
    }, account);
  expect(await signIn()).toBe(200);
  const url = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    const form = new FormData();
    form.append('file', blob!, 'private.png');
    return ((await (await fetch('/api/assets', { method: 'POST', body: form })).json()) as { url: string }).url;
  });
  const statuses = () =>
    page.evaluate(
      (where) =>
        Promise.all([where, where.replace(/content$/, 'thumbnail')].map(async (at) => (await fetch(at)).status)),
      url,
    );
  expect(await statuses()).toEqual([200, 200]);
  expect(await statuses()).toEqual([200, 200]);
  expect(await page.evaluate(async () => (await fetch('/api/auth/sign-out', { method: 'POST' })).status)).toBe(204);
  expect(await statuses()).toEqual([401, 401]);
  await context.close();
});
