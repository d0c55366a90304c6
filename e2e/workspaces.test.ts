import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { testStack } from './stack.ts';

const stack = testStack();

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
const enter = async (page: Page, name: string) => {
  await page.getByRole('button', { name: /^Workspace: / }).click();
  await page.getByRole('menuitem', { name }).click();
};

test('two people share a workspace: one makes it and adds the other, both see its workflow, and out is out', async () => {
  const owner = await stack.open({ path: '/workspaces' });
  await owner.page.getByLabel('Name', { exact: true }).fill('Studio');
  await owner.page.getByRole('button', { name: 'Create' }).click();
  await owner.page.getByRole('heading', { name: 'Studio' }).waitFor();
  const teamPath = new URL(owner.page.url()).pathname;
  const email = 'ada@example.org';
  await owner.page.getByLabel('Email', { exact: true }).fill(email);
  await owner.page.getByRole('button', { name: 'Add', exact: true }).click();
  const dialog = owner.page.getByRole('dialog', { name: 'Invitation link' });
  const link = (await dialog.locator('code').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Done' }).click();
  await owner.page.getByRole('list', { name: 'Invited' }).getByText(email).waitFor();

  const ada = await stack.openFresh();
  await ada.page.goto(link);
  await ada.page.getByLabel('First name').fill('Ada');
  await ada.page.getByLabel('Password').fill('correct horse battery');
  await ada.page.getByRole('button', { name: 'Join' }).click();
  await ada.page.waitForURL((url) => url.pathname !== '/invitation');
  await ada.page.goto(`${stack.server.url}/`);
  await enter(ada.page, 'Studio');
  await ada.page.getByText('No workflows yet').waitFor();
  await ada.page.getByRole('button', { name: 'New workflow' }).first().click();
  await ada.page.waitForURL(/\/workflows\/\d+$/);
  const id = Number(new URL(ada.page.url()).pathname.split('/').pop());
  // It runs what she made, and the run tells whose it was.
  await ada.page.evaluate(async (workflow) => {
    const headers = { 'content-type': 'application/json' };
    const data = { nodes: [{ id: 'a', type: 'text', data: { text: 'ours' } }], edges: [] };
    const body = JSON.stringify({ data });
    await fetch(`/api/workflows/${workflow}`, { method: 'PUT', headers, body });
    await fetch(`/api/workflows/${workflow}/run`, { method: 'POST', headers, body: '{"draft":true}' });
  }, id);

  await owner.page.goto(`${stack.server.url}/`);
  await owner.page.getByRole('button', { name: 'Workspace: Studio' }).waitFor();
  await owner.page.getByRole('link', { name: 'Untitled workflow' }).waitFor();
  await owner.page.goto(`${stack.server.url}/workflows/${id}?panel=runs`);
  await owner.page.getByText(`, ${email}`).first().waitFor();
  // In the owner's own workspace there is nothing of it.
  await owner.page.goto(`${stack.server.url}/`);
  await enter(owner.page, 'Personal');
  await owner.page.getByRole('button', { name: 'Workspace: Personal' }).waitFor();
  await owner.page.getByRole('link', { name: 'Untitled workflow' }).waitFor({ state: 'detached' });

  await owner.page.goto(stack.server.url + teamPath);
  await owner.page.getByRole('button', { name: 'Remove Ada' }).click();
  await owner.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await owner.page.getByRole('button', { name: 'Remove Ada' }).waitFor({ state: 'detached' });
  await owner.page.getByText('Removed someone from a workspace').waitFor();
  expect(owner.troubles).toEqual([]);
  // What she had open is closed, and the list is that of her own workspace again.
  await ada.page.goto(`${stack.server.url}/`);
  await ada.page.getByRole('button', { name: 'Workspace: Personal' }).waitFor();
  await ada.page.goto(`${stack.server.url}/workflows/${id}`);
  await ada.page.getByText('This workflow could not be opened').waitFor();
  await Promise.all([owner.context.close(), ada.context.close()]);
});

test.each([
  ['light', 1440],
  ['dark', 390],
  ['light', 390],
] as const)('a workspace is looked after on a page that fits (%s, %i px)', async (theme, width) => {
  const { page, context, troubles } = await stack.open({ theme, width, path: '/workspaces' });
  const name = `A workspace with quite a long name, ${theme} at ${width} pixels`;
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name }).waitFor();
  await page.getByLabel('Name of the program').fill('Nightly build');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('button', { name: 'New API key for Nightly build' }).click();
  const dialog = page.getByRole('dialog', { name: 'API key' });
  expect(await dialog.locator('code').textContent()).toMatch(/^hdl_/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('list', { name: 'API keys of Nightly build' }).getByText('never used').waitFor();
  expect(await widthOf(page)).toBeLessThanOrEqual(width);
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await page.getByText('This is the last admin of the workspace.').first().waitFor();
  await page.getByRole('button', { name: 'Delete workspace' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page
    .getByText(/gone on/)
    .first()
    .waitFor();
  expect(await widthOf(page)).toBeLessThanOrEqual(width);
  await page.getByRole('button', { name: 'Restore' }).first().click();
  await page.getByRole('link', { name: `Open ${name}` }).click();
  await page.getByRole('button', { name: `Workspace: ${name}` }).waitFor();
  expect(await widthOf(page)).toBeLessThanOrEqual(width);
  // The refusal to let the last admin leave is told by the server with a 409.
  expect(troubles.filter((trouble) => !trouble.includes('409'))).toEqual([]);
  await context.close();
});

test('a workflow is moved to another workspace from its card', async () => {
  const { page, context } = await stack.open({ path: '/workspaces' });
  await page.getByLabel('Name', { exact: true }).fill('Archive');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Archive' }).waitFor();
  await page.goto(`${stack.server.url}/`);
  await enter(page, 'Personal');
  await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const data = { nodes: [{ id: 'a', type: 'text', data: { text: 'old' } }], edges: [] };
    await fetch('/api/workflows', { method: 'POST', headers, body: JSON.stringify({ name: 'To be kept', data }) });
  });
  await page.reload();
  await page.getByRole('button', { name: 'More for To be kept' }).click();
  await page.getByRole('menuitem', { name: 'Move to a workspace' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move “To be kept”' });
  await dialog.getByLabel('Workspace').click();
  await page.getByRole('option', { name: 'Archive' }).click();
  await dialog.getByRole('button', { name: 'Move' }).click();
  await page.getByText('Moved “To be kept”').waitFor();
  await page.getByRole('link', { name: 'To be kept' }).waitFor({ state: 'detached' });
  await enter(page, 'Archive');
  await page.getByRole('link', { name: 'To be kept' }).waitFor();
  await context.close();
});
