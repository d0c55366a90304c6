import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startBrowserStack, type WatchedPage } from '../testing/browser-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { startIdentityProvider, testClient, type IdentityProvider } from '../testing/identity-provider.ts';
import { untilCount } from './canvas.ts';
import { testStack } from './stack.ts';

let provider: IdentityProvider;
/** A workspace that a group brings people into. */
const designers = 'workspace_designers';
const stack = testStack(async () => {
  provider = await startIdentityProvider();
  const roles = { owner: [], member: ['staff'], viewer: [] };
  return startBrowserStack({
    // What it keeps to ask the provider again with is sealed.
    SECRETS_KEY: 'a key that only tests encrypt with',
    OIDC_PROVIDERS: JSON.stringify([
      {
        ...testClient,
        id: 'company',
        name: 'Example Inc.',
        issuer: provider.issuer,
        scopes: ['openid', 'profile', 'email', 'groups'],
        roles,
        workspaces: { [designers]: { editor: ['designers'] } },
        recheckMinutes: 0,
      },
    ]),
  });
});
beforeAll(() => {
  // It warns of its own forms, which are for tests.
  const told = [jest.spyOn(console, 'warn'), jest.spyOn(console, 'info')].map((spy) =>
    spy.mockImplementation(() => {}),
  );
  provider.register(stack.server.url, 'company');
  for (const spy of told) spy.mockRestore();
});
afterAll(() => provider.stop());

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)('somebody signs in with the company’s account, and out again (%s, %i px)', async (theme, width) => {
  provider.people.set('ann', { email: `ann-${theme}@example.org`, email_verified: true, groups: ['staff'] });
  const { page, context } = await stack.open({ theme, width, path: '/' });
  await context.clearCookies();
  await page.goto(`${stack.server.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with Example Inc.' }).click();
  await page.getByPlaceholder('Enter any login').fill('ann');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL((url) => url.origin === stack.server.url && !url.pathname.startsWith('/api/'));
  expect((await page.request.get(`${stack.server.url}/api/me`)).status()).toBe(200);

  await page.goto(`${stack.server.url}/templates`);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  // The provider asks whether its own session should end as well.
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${stack.server.url}/sign-in`);
  expect((await page.request.get(`${stack.server.url}/api/me`)).status()).toBe(401);
});

/** Comes in through the provider, as somebody whom it has never seen. */
async function comeIn(login: string): Promise<WatchedPage> {
  const watched = await stack.openFresh();
  const { page } = watched;
  await page.goto(`${stack.server.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with Example Inc.' }).click();
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL((url) => url.origin === stack.server.url && !url.pathname.startsWith('/api/'));
  return watched;
}

test('of two people, one loses the group of a workspace: what he has open closes, and it leaves his switcher', async () => {
  const owner = await stack.open({ path: '/' });
  const me = (await (await owner.page.request.get(`${stack.server.url}/api/me`)).json()) as { id: string };
  await stack.installation.pool.query(
    `with u as (insert into users (id, email, kind) values ($1, $1, 'workspace') returning id)
     insert into workspaces (id, name, created_by) select id, 'Designers', $2 from u`,
    [designers, me.id],
  );
  const person = (login: string, groups: string[]) =>
    provider.people.set(login, { email: `${login}@example.org`, email_verified: true, groups });
  for (const login of ['dora', 'dan']) person(login, ['staff', 'designers']);
  const [dora, dan] = [await comeIn('dora'), await comeIn('dan')];
  const data = { nodes: [{ id: 't', type: 'text', position: { x: 0, y: 0 }, data: { text: 'ours' } }], edges: [] };
  const made = await dora.page.request.post(`${stack.server.url}/api/workflows?workspaceId=${designers}`, {
    data: { name: 'Poster', data },
  });
  expect(made.status()).toBe(201);
  const { id } = (await made.json()) as { id: number };
  await dan.page.goto(`${stack.server.url}/?workspaceId=${designers}`);
  await dan.page.getByRole('button', { name: 'Workspace: Designers' }).waitFor();
  for (const { page } of [dora, dan]) {
    await page.goto(`${stack.server.url}/workflows/${id}`);
    await page.locator('[data-connection="online"]').waitFor();
  }

  person('dan', ['staff']);
  const status = async ({ page }: WatchedPage) =>
    (await page.request.get(`${stack.server.url}/api/workflows/${id}`)).status();
  await eventually(async () => (await status(dan)) === 404);
  await dan.page.getByText('This workflow is no longer open to you').waitFor();
  expect(await status(dora)).toBe(200);
  await dora.page.locator('[data-connection="online"]').waitFor();
  await dan.page.goto(`${stack.server.url}/`);
  await dan.page.getByRole('button', { name: 'Workspace: Personal' }).click();
  await dan.page.getByRole('menuitem', { name: 'All workspaces, or a new one' }).waitFor();
  await untilCount(dan.page.getByRole('menuitem', { name: 'Designers' }), 0);
  await dan.page.keyboard.press('Escape');
  await dan.page.getByText('No workflows yet').waitFor();
});

test('who is in no group is told so on the sign-in page', async () => {
  provider.people.set('zoe', { email: 'zoe@example.org', email_verified: true, groups: [] });
  const { page, context } = await stack.open();
  await context.clearCookies();
  await page.goto(`${stack.server.url}/api/auth/oidc/company/start`);
  await page.getByPlaceholder('Enter any login').fill('zoe');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').getByText('You are in none of the groups that may use Heddle.').waitFor();
});
