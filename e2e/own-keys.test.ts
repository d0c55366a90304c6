import { expect, test } from '@jest/globals';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));

test('a key of one’s own is saved, shown as saved without its value, and deleted', async () => {
  const { page } = await stack.open({ path: '/settings' });
  const keys = page.getByRole('list', { name: 'Your provider keys' });
  await keys.getByRole('listitem').filter({ hasText: 'Gemini' }).getByRole('button', { name: 'Add' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Key').fill('own-key-of-the-browser');
  await dialog.getByLabel('Models').fill('gemini-mine, gemini-other');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const saved = keys.getByRole('listitem').filter({ hasText: 'Saved' });
  await saved.waitFor();
  expect(await page.content()).not.toContain('own-key-of-the-browser');

  // An address inside the own network is refused in words, and the dialog stays.
  await keys.getByRole('listitem').filter({ hasText: 'OpenAI' }).getByRole('button', { name: 'Add' }).click();
  await dialog.getByLabel('Key').fill('own-key-of-the-browser');
  await dialog.getByLabel('URL').fill('http://127.0.0.1:11434/v1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText('not public').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await saved.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Delete key' }).click();
  await saved.waitFor({ state: 'detached' });
});

test('a secret is saved for its hosts, shown by its name, and deleted', async () => {
  const { page } = await stack.open({ path: '/settings' });
  const secrets = page.getByRole('list', { name: 'Your secrets' });
  await page.getByRole('button', { name: 'Add a secret' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('GITHUB_TOKEN');
  await dialog.getByLabel('Value').fill('a secret of the browser');
  await dialog.getByLabel('Hosts').fill('not a host!');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Hosts').fill('api.github.com, uploads.github.com');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const saved = secrets.getByRole('listitem').filter({ hasText: 'GITHUB_TOKEN' });
  await saved.getByText('api.github.com, uploads.github.com').waitFor();
  expect(await page.content()).not.toContain('a secret of the browser');
  await saved.getByRole('button', { name: 'Delete' }).click();
  await page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByRole('button', { name: 'Delete secret' })
    .click();
  await saved.waitFor({ state: 'detached' });
});
