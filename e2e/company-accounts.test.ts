import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { startIdentityProvider, testClient, type IdentityProvider } from '../testing/identity-provider.ts';
import { testStack } from './stack.ts';

let provider: IdentityProvider;
const stack = testStack(async () => {
  provider = await startIdentityProvider();
  const roles = { owner: [], member: ['staff'], viewer: [] };
  return startBrowserStack({
    OIDC_PROVIDERS: JSON.stringify([
      {
        ...testClient,
        id: 'company',
        name: 'Example Inc.',
        issuer: provider.issuer,
        scopes: ['openid', 'profile', 'email', 'groups'],
        roles,
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
