import { createHmac, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { untilCount } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));

/** What the browser says of a request that the server refuses. */
const refused = expect.stringContaining('status of 422');

const nodeAt = (id: string, type: string, x: number, data: object) => ({ id, type, position: { x, y: 0 }, data });
const graph = {
  nodes: [
    nodeAt('t', 'text', 0, { text: 'nothing', input: { name: 'topic', label: 'What about?', required: true } }),
    nodeAt('d', 'delay', 320, { ms: 0 }),
  ],
  edges: [{ id: 'e1', source: 't', sourceHandle: 'output', target: 'd', targetHandle: 'input' }],
};

async function openTriggers(page: Page, name: string): Promise<void> {
  const created = await page.request.post(`${stack.server.url}/api/workflows`, { data: { name, data: graph } });
  const { id } = (await created.json()) as { id: number };
  await page.goto(`${stack.server.url}/workflows/${id}`);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Triggers and callbacks' }).click();
  await page.getByRole('heading', { name: 'Triggers', exact: true }).waitFor();
}

test('a schedule shows its next five times before and after it is made, starts runs, and is turned off', async () => {
  const { page, troubles } = await stack.open();
  await openTriggers(page, 'Weekly');
  await page.getByRole('button', { name: 'New schedule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New schedule' });
  const upcoming = dialog.getByRole('list', { name: 'Next times of the new schedule' }).getByRole('listitem');
  await untilCount(upcoming, 5);
  const cron = dialog.getByLabel('Schedule', { exact: true });
  await cron.fill('0 9 * *');
  await dialog.getByText(/Write minute, hour, day, month and weekday/).waitFor();
  await cron.fill('every second');
  await untilCount(upcoming, 5);
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await dialog.getByText('This input is required. Enter a value.').waitFor();
  await dialog.getByLabel('What about? (required)', { exact: true }).fill('the news');
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  await dialog.waitFor({ state: 'hidden' });

  const row = page.getByRole('listitem', { name: 'every second' });
  await untilCount(row.getByRole('list', { name: 'Next times' }).getByRole('listitem'), 5);
  const last = row.getByRole('list', { name: 'Last times' });
  await last.getByText('Completed').first().waitFor();
  await row.getByRole('switch', { name: 'every second is on' }).click();
  await row.getByText('It is turned off.').waitFor();
  await last.getByRole('link', { name: 'Run' }).last().click();
  await page.getByText('the news').first().waitFor();
  expect(troubles).toEqual([refused]);
});

test('a webhook shows its secret once, what arrived with the reason, and runs it again', async () => {
  const { page, troubles } = await stack.open();
  await openTriggers(page, 'Hooked');
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog', { name: 'New webhook' });
  await dialog.getByRole('combobox', { name: 'Who may send' }).click();
  await page.getByRole('option', { name: 'Signed by GitHub' }).click();
  await dialog.getByRole('button', { name: 'Create webhook' }).click();
  const once = page.getByRole('dialog', { name: 'The secret' });
  const secret = await once.locator('code').innerText();
  await once.getByRole('button', { name: 'Done' }).click();

  const row = page.getByRole('listitem', { name: 'Webhook', exact: true });
  const url = await row.locator('code').first().innerText();
  const send = async (signature: string, body: string) =>
    (
      await page.request.post(url, {
        data: body,
        headers: {
          'content-type': 'application/json',
          'x-hub-signature-256': `sha256=${signature}`,
          'x-github-delivery': randomUUID(),
        },
      })
    ).status();
  const body = JSON.stringify({ issue: { title: 'It is broken' } });
  const right = createHmac('sha256', secret).update(body).digest('hex');
  expect(
    await send(
      right.replace(/^./, (first) => (first === '0' ? '1' : '0')),
      body,
    ),
  ).toBe(404);
  const deliveries = row.getByRole('list', { name: 'Last times' });
  await deliveries.getByText('The signature does not fit the body and the secret.').waitFor();

  const mapping = row.getByRole('form', { name: 'Mapping' });
  await mapping.getByLabel('topic').fill('body.issue.title');
  await mapping.getByRole('button', { name: 'Save mapping' }).click();
  await deliveries.getByRole('button', { name: 'Look' }).click();
  const delivery = page.getByRole('dialog', { name: 'Delivery' });
  await delivery
    .getByRole('region', { name: 'Inputs that the mapping makes of it' })
    .getByText('It is broken')
    .waitFor();
  await page.keyboard.press('Escape');
  await deliveries.getByRole('button', { name: 'Replay' }).click();
  await deliveries.getByText('Completed').waitFor();
  expect(await send(right, body)).toBe(202);
  await untilCount(deliveries.getByText('Completed'), 2);
  expect(troubles).toEqual([]);
});

test('a callback shows its secret once, and an address inside is refused in words', async () => {
  const { page, troubles } = await stack.open();
  await openTriggers(page, 'Told');
  const address = page.getByLabel('Address of the new callback');
  await address.fill('http://169.254.169.254/');
  await page.getByRole('button', { name: 'Add callback' }).click();
  await page.getByText('The callback could not be created').first().waitFor();
  await address.fill('https://203.0.114.7/told');
  await page.getByRole('button', { name: 'Add callback' }).click();
  const once = page.getByRole('dialog', { name: 'The secret' });
  await once.getByText(/^whsec_/).waitFor();
  await once.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('listitem', { name: 'https://203.0.114.7/told' });
  await row.getByText('Runs that finished, Runs that failed').waitFor();
  await row.getByRole('button', { name: 'Delete https://203.0.114.7/told' }).click();
  await page.getByRole('button', { name: 'Delete callback' }).click();
  await page.getByText('No callbacks yet.').waitFor();
  expect(troubles).toEqual([refused]);
});
