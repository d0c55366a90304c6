import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { eventually } from '../testing/eventually.ts';
import { makeCountingClip, makePicture, makeSound, mediaPath } from '../testing/media.ts';
import { writePng } from '../testing/pixels.ts';
import { middleOf, nodeCard, untilRun, untilSaved } from './canvas.ts';
import { startBrowserStack } from '../testing/browser-stack.ts';
import { testStack } from './stack.ts';

/* Where a form is not enough: what is drawn on an image, dragged over frames and sound, or written as code, also by keys alone. */

const stack = testStack(() => startBrowserStack({ SECRETS_KEY: 'a key that only tests encrypt with' }));

const node = (id: string, type: string, x: number, data: object) => ({
  id,
  type,
  position: { x, y: 0 },
  data: { ...data },
});
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

/** Opens a workflow with one node chosen; gives its inspector. */
async function choose(graph: Graph, name: string): Promise<{ id: number; page: Page; inspector: Locator }> {
  const id = await stack.server.api.createWorkflow(graph);
  const { page } = await stack.open({ path: `/workflows/${id}` });
  await nodeCard(page, name).getByText(name, { exact: true }).first().click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByRole('heading', { name }).waitFor();
  return { id, page, inspector };
}

async function savedData(page: Page, id: number, nodeId: string): Promise<Readonly<Record<string, unknown>>> {
  await untilSaved(page);
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}`);
  const { data } = body as { data: Graph };
  return data.nodes.find((one) => one.id === nodeId)!.data;
}

async function press(page: Page, element: Locator, ...keys: readonly string[]): Promise<void> {
  await element.focus();
  for (const key of keys) await page.keyboard.press(key);
}

test('the box of a text is moved and resized on its image, by keys and by the pointer', async () => {
  const { url } = await stack.server.api.upload(await makePicture('png', 400, 300));
  const { id, page, inspector } = await choose(
    {
      nodes: [
        node('photo', 'image', 0, { label: 'Photo', file: { url } }),
        node('words', 'drawText', 340, {
          label: 'Words',
          text: 'Hello',
          x_percent: 10,
          y_percent: 10,
          width_percent: 40,
          height_percent: 30,
        }),
      ],
      edges: [edge('photo', 'words', 'image')],
    },
    'Words',
  );
  const image = inspector.getByRole('img', { name: 'Image to write on' });
  await image.evaluate((element: HTMLImageElement) => element.decode());
  await press(page, inspector.getByRole('group', { name: /^Text box: left 10 %/ }), 'ArrowRight', 'Shift+ArrowDown');
  const moved = inspector.getByRole('group', { name: /^Text box: left 11 %, top 10 %, width 40 %, height 31 %/ });
  await moved.getByText('Hello').waitFor();
  const [{ width, height }, grip] = [
    (await image.boundingBox())!,
    await middleOf(moved.locator('[data-grip="bottom right"]')),
  ];
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x + width * 0.2, grip.y + height * 0.1, { steps: 4 });
  await page.mouse.up();
  await inspector.getByRole('group', { name: /width 60(\.\d)? %, height 41(\.\d)? %/ }).waitFor();
  expect(await savedData(page, id, 'words')).toMatchObject({ x_percent: 11, y_percent: 10 });
});

test('a part of a video is chosen over its frames by keys, and comes out as long', async () => {
  const { url } = await stack.server.api.upload(await makeCountingClip());
  const { id, page, inspector } = await choose(
    {
      nodes: [
        node('clip', 'video', 0, { label: 'Clip', file: { url } }),
        node('part', 'trimVideo', 340, { label: 'Part', from: '0', to: '100%' }),
      ],
      edges: [edge('clip', 'part', 'video')],
    },
    'Part',
  );
  await inspector.locator('canvas[data-drawn="8"]').waitFor();
  await press(page, inspector.getByRole('slider', { name: 'Start of the part' }), 'Shift+ArrowRight');
  await press(
    page,
    inspector.getByRole('slider', { name: 'End of the part' }),
    'Shift+ArrowLeft',
    'ArrowRight',
    'ArrowLeft',
  );
  expect(await savedData(page, id, 'part')).toMatchObject({ from: '1', to: '2' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await press(page, inspector.getByRole('slider', { name: 'End of the part' }), 'End');
  expect(await savedData(page, id, 'part')).toMatchObject({ from: '1', to: '100%' });
});

test('a part of a sound is dragged over its waveform', async () => {
  const { url } = await stack.server.api.upload(await makeSound('wav'));
  const { id, page, inspector } = await choose(
    {
      nodes: [
        node('sound', 'audio', 0, { label: 'Sound', file: { url } }),
        node('part', 'trimAudio', 340, { label: 'Part', from: '0', to: '100%' }),
      ],
      edges: [edge('sound', 'part', 'audio')],
    },
    'Part',
  );
  const wave = inspector.getByRole('img', { name: 'Waveform of the audio file' });
  await wave.and(inspector.locator('[data-measured="true"]')).waitFor();
  const area = (await wave.boundingBox())!;
  const start = await middleOf(inspector.getByRole('slider', { name: 'Start of the part' }));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width / 2, start.y, { steps: 4 });
  await page.mouse.up();
  const { from } = await savedData(page, id, 'part');
  expect(Math.abs(Number(from) - 1.5)).toBeLessThan(0.05);
});

test('in and out of a sound are set over its waveform by keys alone, and the part that comes out is that long', async () => {
  const { url } = await stack.server.api.upload(await makeSound('wav'));
  const { id, page, inspector } = await choose(
    {
      nodes: [
        node('sound', 'audio', 0, { label: 'Sound', file: { url } }),
        node('part', 'trimAudio', 340, { label: 'Part', from: '0', to: '100%' }),
      ],
      edges: [edge('sound', 'part', 'audio')],
    },
    'Part',
  );
  await inspector.locator('[role="img"][data-measured="true"]').waitFor();
  const [start, end] = [
    inspector.getByRole('slider', { name: 'Start of the part' }),
    inspector.getByRole('slider', { name: 'End of the part' }),
  ];
  // A second, a tenth and a hundredth of it; the other end by itself, after it was at the very beginning.
  await press(page, start, 'Shift+ArrowRight', 'ArrowRight', 'Alt+ArrowRight', 'Alt+ArrowLeft', 'Alt+ArrowRight');
  await press(page, end, 'Home');
  expect(Number(await end.getAttribute('aria-valuenow'))).toBeGreaterThan(
    Number(await start.getAttribute('aria-valuenow')),
  );
  await press(page, end, 'End', 'Shift+ArrowLeft', 'ArrowDown', 'ArrowUp');
  expect(await start.getAttribute('aria-valuetext')).toBe('1.11 s');
  expect(await end.getAttribute('aria-valuetext')).toBe('2.00 s');
  expect(await savedData(page, id, 'part')).toMatchObject({ from: '1.11', to: '2' });
  await page.keyboard.press('Control+Enter');
  await untilRun(page, 'COMPLETED');
  const { body } = await stack.server.api.request('GET', `/api/workflows/${id}/runs`);
  const [run] = (body as { items: { id: string }[] }).items;
  const { outputData } = (await stack.server.api.finished(run!.id)).nodeExecutions.find(
    ({ nodeId }) => nodeId === 'part',
  )!;
  expect(outputData).toMatchObject({ output: { durationMs: 890 } });
});

test('two images lie over each other on the node that compares them, divided by a line that keys move', async () => {
  const [before, after] = await Promise.all(
    [40, 200].map(async (gray) =>
      stack.server.api.upload(await writePng(mediaPath(`gray-${gray}.png`), 200, 150, () => [gray, gray, gray])),
    ),
  );
  const { page, inspector } = await choose(
    {
      nodes: [
        node('before', 'image', 0, { label: 'Old', file: { url: before!.url } }),
        node('after', 'image', -340, { label: 'New', file: { url: after!.url } }),
        node('compare', 'compareImages', 340, { label: 'Change' }),
      ],
      edges: [edge('before', 'compare', 'before'), edge('after', 'compare', 'after')],
    },
    'Change',
  );
  for (const place of [nodeCard(page, 'Change'), inspector]) {
    const line = place.getByRole('slider', { name: 'Dividing line' });
    await press(page, line, 'Home', 'ArrowRight', 'ArrowRight');
    expect(await line.getAttribute('aria-valuetext')).toBe('2 % before, 98 % after');
    expect(await place.getByRole('img', { name: 'After' }).evaluate((image) => image.style.clipPath)).toBe(
      'inset(0px 0px 0px 2%)',
    );
  }
});

test('code says at which line it cannot be read, is indented by Tab, completed by keys, and runs with inputs of its own', async () => {
  const { page, inspector } = await choose(
    {
      nodes: [
        node('words', 'text', 0, { label: 'Words', text: 'abc' }),
        node('code', 'code', 340, {
          label: 'Program',
          inputs: [{ id: 'value', name: 'value', type: 'text' }],
          outputs: [{ id: 'output', name: 'output', type: 'text' }],
          code: 'return { output: value };',
        }),
      ],
      edges: [edge('words', 'code', 'value')],
    },
    'Program',
  );
  const code = inspector.getByLabel('Code', { exact: true });
  await code.fill('const twice = value + value;\nreturn { output: twice ');
  await inspector.getByRole('status').filter({ hasText: 'Line 2:' }).waitFor();
  expect(await code.getAttribute('aria-invalid')).toBe('true');
  await code.fill('');
  await press(page, code, 'Tab');
  await page.keyboard.type('return { output: value + value };');
  expect(await code.inputValue()).toBe('  return { output: value + value };');
  await eventually(async () => expect(await code.getAttribute('aria-invalid')).toBe('false'));
  await code.fill('');
  await page.keyboard.type('return { output: va');
  const words = inspector.getByRole('listbox', { name: 'Completions' });
  await words.getByRole('option', { name: /^value/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('.to');
  await words.getByRole('option', { name: /^toLowerCase/, selected: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type('() };');
  expect(await code.inputValue()).toBe('return { output: value.toUpperCase() };');
  await page.keyboard.press('Control+Space');
  await words.waitFor();
  await page.keyboard.press('Escape');
  await words.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  expect(await code.evaluate((element) => element === document.activeElement)).toBe(false);
  await press(page, inspector.getByRole('button', { name: 'Add input' }), 'Enter');
  await inspector.getByLabel('Name of input 2').fill('more');
  const card = nodeCard(page, 'Program');
  await card.locator('.react-flow__handle.target[data-handleid="input2"]').waitFor();
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await card.getByText(/ABC/).first().waitFor();
});

test('a secret is chosen by its name, and one that is gone is told of', async () => {
  const secret = 'never shown in a page';
  const { page: settings } = await stack.open({ path: '/settings' });
  await settings.getByRole('button', { name: 'Add a secret' }).click();
  const dialog = settings.getByRole('dialog');
  await dialog.getByLabel('Name').fill('SHOP_TOKEN');
  await dialog.getByLabel('Value').fill(secret);
  await dialog.getByLabel('Hosts').fill('api.example.com');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await settings.getByRole('list', { name: 'Your secrets' }).getByText('SHOP_TOKEN').waitFor();
  const { id, page, inspector } = await choose(
    {
      nodes: [
        node('call', 'http', 0, {
          label: 'Call',
          url: 'https://api.example.com/x',
          auth: 'bearer',
          secret: 'OLD_TOKEN',
        }),
      ],
      edges: [],
    },
    'Call',
  );
  await inspector.getByText('You have no secret "OLD_TOKEN"').waitFor();
  await inspector.getByRole('combobox', { name: 'Secret' }).click();
  await page.getByRole('option', { name: 'SHOP_TOKEN (api.example.com)' }).click();
  await inspector.getByText('You have no secret').waitFor({ state: 'detached' });
  expect(await savedData(page, id, 'call')).toMatchObject({ secret: 'SHOP_TOKEN' });
  expect(await page.content()).not.toContain(secret);
});

test('fields of an answer, added by keys, become outputs of the model, and their values stand on the node', async () => {
  stack.gemini.script({ kind: 'answer', chunks: ['{"mood":"glad as can be"}'] });
  const { page, inspector } = await choose(
    {
      nodes: [node('ask', 'llm', 0, { label: 'Ask', model: 'gemini-fake', userMessage: 'How is it?' })],
      edges: [],
    },
    'Ask',
  );
  await press(page, inspector.getByRole('combobox', { name: 'Answer as' }), 'Enter');
  await page.getByRole('option', { name: 'Fields' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await press(page, inspector.getByRole('button', { name: 'Add field' }), 'Enter');
  await inspector.getByLabel('Name of field 1').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('mood');
  await press(page, inspector.getByRole('button', { name: 'Add field' }), 'Enter');
  await inspector.getByLabel('Name of field 2').waitFor();
  await press(page, inspector.getByRole('button', { name: 'Remove field 2' }), 'Enter');
  await inspector.getByLabel('Name of field 2').waitFor({ state: 'detached' });
  const card = nodeCard(page, 'Ask');
  await card.locator('.react-flow__handle.source[data-handleid="field1"]').waitFor();
  await card.getByText('mood', { exact: true }).first().waitFor();
  await untilSaved(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await card.getByText('glad as can be').first().waitFor();
});

test('the other settings of a node are there on demand, on the node itself', async () => {
  const { page } = await choose({ nodes: [node('level', 'adjustAudio', 0, { label: 'Level' })], edges: [] }, 'Level');
  const card = nodeCard(page, 'Level');
  expect(await card.getByLabel('Fade in').count()).toBe(0);
  await card.getByRole('button', { name: 'More settings' }).click();
  await card.getByLabel('Fade in').fill('2');
  await card.getByRole('button', { name: 'Fewer settings' }).click();
  await card.getByLabel('Fade in').waitFor({ state: 'detached' });
});
