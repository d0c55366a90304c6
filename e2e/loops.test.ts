import { expect, test } from '@jest/globals';
import { drawEdge, nodeCard, untilCount, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

/* What lies between "Repeat" and "Until" is framed, repeated, and looked into lap by lap. */

const stack = testStack();

const at = (x: number) => ({ x, y: 0 });
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

test('a loop is closed by one connection, framed, run until its condition holds, and each lap is looked at', async () => {
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'text', type: 'text', position: at(0), data: { label: 'Text', text: 'go' } },
      { id: 'repeat', type: 'repeat', position: at(340), data: { label: 'Repeat', max: 10 } },
      { id: 'say', type: 'template', position: at(680), data: { label: 'Say', template: '{{said}}!' } },
      {
        id: 'until',
        type: 'until',
        position: at(1_020),
        data: { label: 'Until', operator: 'contains', operand: '!!!' },
      },
    ],
    edges: [edge('text', 'repeat', 'value'), edge('repeat', 'say', 'said')],
  });
  const { page, troubles } = await stack.open({ path: `/workflows/${id}` });
  const [text, repeat, template, until] = ['Text', 'Repeat', 'Say', 'Until'].map((name) => nodeCard(page, name));
  await until!.waitFor();
  await untilCount(page.locator('.react-flow__edge'), 2);
  expect(await page.locator('[data-loop]').count()).toBe(0);
  await drawEdge(page, template!, until!, 'value');
  await untilCount(page.locator('.react-flow__edge'), 3);
  const frame = page.locator('[data-loop]');
  await frame.getByText('Repeats at most 10 times').waitFor();
  // It lies around its nodes, and the text is outside.
  const around = (await frame.boundingBox())!;
  for (const node of [repeat!, template!, until!]) {
    const { x, y, width, height } = (await node.boundingBox())!;
    expect(x).toBeGreaterThan(around.x);
    expect(y).toBeGreaterThan(around.y);
    expect(x + width).toBeLessThan(around.x + around.width);
    expect(y + height).toBeLessThan(around.y + around.height);
  }
  expect((await text!.boundingBox())!.x).toBeLessThan(around.x);
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await until!.getByText('go!!!').first().waitFor();
  const laps = frame.getByRole('button', { name: '3 laps: the condition holds' });
  await laps.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Laps' });
  await untilCount(dialog.getByRole('listitem'), 3);
  await dialog.getByText('Got: go!!', { exact: true }).waitFor();
  await dialog.getByText('go!!!', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  expect(troubles).toEqual([]);
});

test('a loop without an end cannot run, and the node says what to do', async () => {
  const { api } = stack.server;
  const id = await api.createWorkflow({
    nodes: [
      { id: 't', type: 'text', position: at(0), data: { label: 'Text', text: 'a' } },
      { id: 'r', type: 'repeat', position: at(340), data: { label: 'Repeat', max: 3 } },
    ],
    edges: [{ id: 'e', source: 't', sourceHandle: 'output', target: 'r', targetHandle: 'value' }],
  });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, 'Repeat').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await nodeCard(page, 'Repeat').getByText('Add "Until" after the last node').waitFor();
});
