import { expect, test } from '@jest/globals';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { nodeCard } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack(() =>
  startBrowserStack({ GEMINI_API_KEY: '', SECRETS_KEY: 'a key that only tests encrypt with' }),
);

test('an address that leads nowhere says so, and leads back', async () => {
  const { page } = await stack.open({ path: '/nowhere' });
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/nowhere');
  await page.getByRole('link', { name: 'All workflows', exact: true }).click();
  await page.getByRole('heading', { name: 'Workflows', exact: true }).waitFor();
});

test('where the account cannot be loaded, a click tries again', async () => {
  const { page, context } = await stack.openFresh();
  await context.route('**/api/me', (route) => route.fulfill({ status: 418, json: { detail: 'Not now.' } }));
  await page.goto(stack.server.url);
  const button = page.getByRole('button', { name: 'Try again' });
  await button.waitFor();
  await context.unrouteAll();
  await button.click();
  await page.waitForURL(/\/sign-in/);
});

test('runs that cannot be compared are said to be so, and lead back', async () => {
  const none = '00000000-0000-7000-8000-000000000000';
  const { page } = await stack.open({ path: `/runs/${none}/compare/${none}` });
  await page.getByRole('heading', { name: 'These runs could not be compared' }).waitFor();
  await page.getByRole('link', { name: 'All workflows', exact: true }).click();
  await page.getByRole('heading', { name: 'Workflows', exact: true }).waitFor();
});

test('every entry beside the settings leads to its section', async () => {
  const { page } = await stack.open({ path: '/settings' });
  await page.getByRole('region', { name: 'Usage' }).waitFor();
  const links = page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
  const titles = await links.allTextContents();
  const sections = page.locator('main section');
  expect(titles).toEqual(await sections.evaluateAll((all) => all.map((section) => section.getAttribute('aria-label'))));
  for (const title of titles) {
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: title }).click();
    expect(await page.locator(`section:target`).getAttribute('aria-label')).toBe(title);
  }
});

test('a model without a key leads to where one of one’s own is added', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [{ id: 'm', type: 'llm', position: { x: 0, y: 0 }, data: { label: 'Model', model: 'gemini-2.5-flash' } }],
    edges: [],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Model').getByRole('link', { name: 'add yours' }).click();
  const keys = page.getByRole('list', { name: 'Your provider keys' });
  await keys.getByRole('button', { name: 'Add' }).first().click();
  await page.getByRole('dialog', { name: /Your key for/ }).waitFor();
});

test('where no key of one’s own can be kept, a model without a key leads to what has to be set', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [{ id: 'm', type: 'llm', position: { x: 0, y: 0 }, data: { label: 'Model', model: 'gemini-2.5-flash' } }],
    edges: [],
  });
  const keyless = await stack.installation.startServer({ SECRETS_KEY: '' });
  const { page } = await stack.open();
  await page.goto(`${keyless.url}/workflows/${id}`);
  await nodeCard(page, 'Model').getByRole('link', { name: 'What to configure' }).click();
  const providers = page.getByRole('region', { name: 'Model providers' });
  await providers.getByText('GEMINI_API_KEY').waitFor();
  expect(new URL(page.url()).hash).toBe('#model-providers');
  const ownKeys = page.getByRole('region', { name: 'Your provider keys' });
  await ownKeys.getByText('SECRETS_KEY').waitFor();
  for (const button of await ownKeys.getByRole('button', { name: 'Add' }).all()) {
    expect(await button.isDisabled()).toBe(true);
  }
});

test('a hint shows on hover and on focus by the keyboard, can be reached by the pointer, and goes away', async () => {
  const { page, troubles } = await stack.open();
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  const button = page.getByRole('button', { name: 'Runs', exact: true });
  const hint = page.locator('.popup', { hasText: /^Runs/ });
  await button.hover();
  await hint.waitFor();
  await hint.hover();
  await button.hover();
  await hint.waitFor();
  await page.mouse.move(0, 0);
  await hint.waitFor({ state: 'detached' });

  await button.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await hint.waitFor();
  await page.keyboard.press('Escape');
  await hint.waitFor({ state: 'detached' });
  expect(troubles).toEqual([]);
});
