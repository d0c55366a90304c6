import { expect, test } from '@jest/globals';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { probedPrograms } from '../testing/installation.ts';
import { probeNode, probeOutput } from '../testing/probe-node.ts';
import {
  dragFromPalette,
  drawEdge,
  nodeCard,
  openNewWorkflow,
  textOf,
  untilRun,
  untilSaved,
  untilValue,
} from './canvas.ts';
import { testStack } from './stack.ts';

/*
 * Server and worker have one node type more than the product; the web app is
 * the product's own and has no line about it.
 */
const stack = testStack(() => startBrowserStack({}, probedPrograms));

test('a node type without any code in the web app is placed, filled in, connected, run, and shows what it put out', async () => {
  const { page, troubles } = await stack.open();
  await openNewWorkflow(page);
  await dragFromPalette(page, 'Text', { x: 200, y: 140 });
  await textOf(page, 'Text').fill('words');
  await dragFromPalette(page, probeNode.title, { x: 640, y: 140 });
  const probe = nodeCard(page, 'Probe');
  await probe.getByLabel('Name', { exact: true }).fill('one');
  await probe.getByLabel('Ms', { exact: true }).fill('30');
  await probe.getByRole('combobox', { name: 'Fails' }).click();
  await page.getByRole('option', { name: 'always' }).click();
  await page.getByRole('option', { name: 'always' }).waitFor({ state: 'detached' });
  await drawEdge(page, nodeCard(page, 'Text'), probe, 'input');
  await page.locator('.react-flow__edge').waitFor({ state: 'attached' });
  await untilSaved(page);

  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'FAILED');
  await probe.getByRole('alert').getByText('This probe always fails.').waitFor();
  await probe.getByRole('combobox', { name: 'Fails' }).click();
  await page.getByRole('option', { name: 'never' }).click();
  await untilSaved(page);
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  await probe.getByText(probeOutput('one', { input: ['words'] })).waitFor();
  expect(troubles).toEqual([]);
});

test('it is offered where its handle fits, and its fields stand in the inspector', async () => {
  const { page } = await stack.open();
  await openNewWorkflow(page);
  await page.keyboard.press('n');
  await page.getByRole('combobox', { name: 'Search node types' }).fill('probe');
  await page.getByRole('option', { name: `Probe ${probeNode.description}` }).waitFor();
  await page.keyboard.press('Enter');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByText(probeNode.description).waitFor();
  await inspector.getByLabel('Ms', { exact: true }).fill('70');
  await untilValue(nodeCard(page, 'Probe').getByLabel('Ms', { exact: true }), '70');
});
