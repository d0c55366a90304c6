import { expect, test } from '@jest/globals';
import {
  dragFromPalette,
  drawEdge,
  nodeCard,
  openNewWorkflow,
  textOf,
  untilCount,
  untilRun,
  untilSaved,
} from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test('an if with two arms is built and run: the arm that is not taken is gray, and so is its edge', async () => {
  const { page, troubles } = await stack.open();
  await openNewWorkflow(page);
  await dragFromPalette(page, 'Text', { x: 120, y: 120 });
  await dragFromPalette(page, 'If', { x: 430, y: 120 });
  await dragFromPalette(page, 'Delay', { x: 740, y: 40 });
  await dragFromPalette(page, 'Merge', { x: 740, y: 400 });
  await textOf(page, 'Text').fill('a refund, please');
  const [text, decision, delay, merge] = ['Text', 'If', 'Delay', 'Merge'].map((name) => nodeCard(page, name));
  await decision!.getByLabel('Compared with').fill('refund');
  await drawEdge(page, text!, decision!, 'value');
  await drawEdge(page, decision!, delay!, 'input', 'false');
  await drawEdge(page, decision!, merge!, 'values', 'true');
  await untilCount(page.locator('.react-flow__edge'), 3);
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await delay!.locator('.node-card[data-status="untaken"]').waitFor();
  await delay!.getByText('Not run: its branch was not taken.').waitFor();
  await merge!.locator('.node-card[data-status="completed"]').waitFor();
  await untilCount(page.locator('path.edge-dead'), 1);
  await page.getByText('1 not taken').waitFor();
  expect(troubles).toEqual([]);
});

test('an error is led on from the handle that a node shows when it is wanted, and the run completes', async () => {
  const { page } = await stack.open();
  await openNewWorkflow(page);
  await dragFromPalette(page, 'Text', { x: 80, y: 160 });
  await dragFromPalette(page, 'If', { x: 380, y: 120 });
  await dragFromPalette(page, 'Merge', { x: 740, y: 160 });
  await textOf(page, 'Text').fill('many');
  const [text, decision, merge] = ['Text', 'If', 'Merge'].map((name) => nodeCard(page, name));
  await decision!.getByRole('combobox', { name: 'The value' }).click();
  await page.getByRole('option', { name: 'is greater than' }).click();
  await decision!.getByLabel('Compared with').fill('5');
  await drawEdge(page, text!, decision!, 'value');
  await decision!.hover({ position: { x: 60, y: 12 } });
  await drawEdge(page, decision!, merge!, 'values', 'error');
  await untilCount(page.locator('.react-flow__edge'), 2);
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await decision!.locator('.node-card[data-status="handled"]').waitFor();
  await merge!.locator('.node-card[data-status="completed"]').waitFor();
  await page.getByText('1 failed and handled').waitFor();
});

test('a case of a switch that goes leaves its connection to be seen and mended', async () => {
  const { page } = await stack.open();
  await openNewWorkflow(page);
  await dragFromPalette(page, 'Switch', { x: 200, y: 120 });
  await dragFromPalette(page, 'Delay', { x: 640, y: 120 });
  const [route, delay] = ['Switch', 'Delay'].map((name) => nodeCard(page, name));
  await drawEdge(page, route!, delay!, 'input', 'case1');
  await untilCount(page.locator('.react-flow__edge'), 1);
  await route!.getByLabel('Name of case 1').fill('Refund');
  await untilCount(page.locator('.react-flow__edge'), 1);
  await route!.getByRole('button', { name: 'Add a case' }).click();
  await route!.getByRole('button', { name: 'Remove case 1' }).click();
  await route!.getByText('Output removed').waitFor();
  await untilCount(page.locator('.react-flow__edge'), 1);
  await untilSaved(page);
});
