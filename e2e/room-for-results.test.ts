import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Graph } from '../core/graph/graph.ts';
import { dataTypes } from '../core/data-types/table.ts';
import type { NodeDefinition } from '../core/node-type/definition.ts';
import { describeNodeType } from '../core/node-type/describe.ts';
import { loadCanvasDefinitions } from '../nodes/canvas-definitions.ts';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { eventually } from '../testing/eventually.ts';
import { makeCountingClip, makePicture, mediaPath } from '../testing/media.ts';
import { writeFile } from 'node:fs/promises';
import { fieldsOf } from '../web/graph/form-fields.ts';
import { keepTypes } from '../web/graph/look.ts';
import { heightToCome } from '../web/graph/node-height.ts';
import { middleOf, nodeCard, untilCount, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

/* Files, fragments and results find their place on the canvas: nothing is swallowed, nothing covers anything. */

const stack = testStack();

const at = (x: number, y = 0) => ({ x, y });
const edge = (source: string, target: string, targetHandle: string) => ({
  id: `${source} ${target}`,
  source,
  sourceHandle: 'output',
  target,
  targetHandle,
});

async function open(graph: Graph): Promise<Page> {
  const id = await stack.server.api.createWorkflow(graph);
  const opened = await stack.open({ path: `/workflows/${id}` });
  await untilCount(opened.page.locator('.node-card'), graph.nodes.length);
  return opened.page;
}

interface Box {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Every node at one moment, in pixels of the canvas. */
function boxesOf(page: Page): Promise<Box[]> {
  return page.locator('.react-flow__node').evaluateAll((nodes) =>
    nodes.map((node) => {
      const { m41: x, m42: y } = new DOMMatrix(getComputedStyle(node).transform);
      const { offsetWidth: width, offsetHeight: height } = node as HTMLElement;
      return { name: node.getAttribute('data-id') ?? '', x, y, width, height };
    }),
  );
}

function overlaps(boxes: readonly Box[]): string[] {
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.name} ${b.name}`),
  );
}

const dropped = { base64: '' };
beforeAll(async () => {
  const { readFile } = await import('node:fs/promises');
  dropped.base64 = (await readFile(await makePicture('png', 40, 30))).toString('base64');
});

interface DroppedFile {
  readonly name: string;
  readonly type: string;
}

/** Files from outside of the page, all in one gesture. */
async function transferOf(page: Page, files: readonly DroppedFile[]) {
  return page.evaluateHandle(
    ({ files: given, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      for (const { name, type } of given) data.items.add(new File([bytes], name, { type }));
      return data;
    },
    { files: [...files], base64: dropped.base64 },
  );
}

async function dropFiles(page: Page, target: Locator, files: readonly DroppedFile[]): Promise<void> {
  const dataTransfer = await transferOf(page, files);
  const { x, y } = await middleOf(target);
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await target.dispatchEvent(type, { dataTransfer, clientX: x, clientY: y });
  }
}

const pictures = (count: number): DroppedFile[] =>
  Array.from({ length: count }, (_, index) => ({ name: `photo ${index + 1}.png`, type: 'image/png' }));

describe('C5: many files at once', () => {
  test('dropped on one image node fill it and make a node of each other, beside each other', async () => {
    const page = await open({ nodes: [{ id: 'first', type: 'image', position: at(0), data: {} }], edges: [] });
    await dropFiles(page, page.getByText('Drop an image or browse'), pictures(20));
    await untilCount(page.locator('.node-card'), 20);
    await page.getByText('19 files went into nodes of their own').first().waitFor();
    await untilCount(page.getByRole('img', { name: /^photo \d+\.png$/ }), 20);
    expect(overlaps(await boxesOf(page))).toEqual([]);
    // One step back takes all of them away again.
    await page.getByRole('button', { name: 'Undo add 19 files' }).waitFor();
  });

  test('dropped on the canvas become a node each, or, where that is wanted, one list of all of them', async () => {
    const page = await open({ nodes: [], edges: [] });
    await dropFiles(page, page.locator('.react-flow__pane'), pictures(6));
    await untilCount(page.locator('.node-card'), 6);
    await page.getByRole('button', { name: 'Make one list' }).click();
    await page.locator('.react-flow__node.selected [data-node-type="list"]').waitFor();
    await untilCount(page.locator('.node-card'), 1);
    await page.getByText('6 images').first().waitFor();
    await untilSaved(page);
  });

  test('chosen in the picker do the same', async () => {
    const page = await open({ nodes: [{ id: 'first', type: 'image', position: at(0), data: {} }], edges: [] });
    const files = pictures(3).map(({ name, type }) => ({
      name,
      mimeType: type,
      buffer: Buffer.from(dropped.base64, 'base64'),
    }));
    await page.getByLabel('Upload image').setInputFiles(files);
    await untilCount(page.getByRole('img', { name: /^photo \d+\.png$/ }), 3);
  });

  test('of other kinds among them are named, whether dropped or pasted, on a node or beside it', async () => {
    const page = await open({ nodes: [{ id: 'clip', type: 'video', position: at(0), data: {} }], edges: [] });
    const mixed = [...pictures(2), { name: 'tools.zip', type: 'application/zip' }];
    // A picture is nothing for a video node: both get nodes of their own, and the archive is named.
    await dropFiles(page, page.getByText('Drop a video or browse'), mixed);
    await page.getByText('No node accepts tools.zip.').first().waitFor();
    await untilCount(page.locator('.node-card'), 3);
    await dropFiles(page, page.locator('.react-flow__pane'), mixed);
    await untilCount(page.locator('.node-card'), 5);
    const clipboardData = await transferOf(page, pictures(2));
    await page.evaluate(
      (data) => window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true })),
      clipboardData,
    );
    await untilCount(page.locator('.node-card'), 7);
    await untilCount(page.getByRole('img', { name: /^photo \d+\.png$/ }), 6);
    expect(overlaps(await boxesOf(page))).toEqual([]);
  });
});

test('C6: a recording of a browser, whose file has no length, gives a frame', async () => {
  const { page } = await stack.open();
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 48];
    const context = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const chunks: Blob[] = [];
    const isRecorded = new Promise((resolve) => (recorder.onstop = resolve));
    let frames = 0;
    const draw = () => {
      context.fillStyle = frames % 2 === 0 ? '#c00' : '#00c';
      context.fillRect(0, 0, 64, 48);
      frames += 1;
      if (recorder.state === 'recording') requestAnimationFrame(draw);
    };
    recorder.ondataavailable = ({ data }) => {
      chunks.push(data);
      if (chunks.length === 12 && recorder.state === 'recording') recorder.stop();
    };
    recorder.start(100);
    draw();
    await isRecorded;
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  const file = mediaPath('recorded.webm');
  await writeFile(file, Buffer.from(base64, 'base64'));
  const { url } = await stack.server.api.upload(file);
  const id = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'clip', type: 'video', position: at(0), data: { label: 'Clip', file: { url } } },
      { id: 'frame', type: 'extractFrame', position: at(340), data: { label: 'Still', timestamp: '50%' } },
    ],
    edges: [edge('clip', 'frame', 'video_url')],
  });
  await page.goto(`${stack.server.url}/workflows/${id}`);
  const still = nodeCard(page, 'Still');
  // Its player says Infinity; the scrubber knows better.
  const position = still.getByLabel('Frame position');
  await eventually(async () => {
    expect(await position.isEnabled()).toBe(true);
    expect(Number(await position.getAttribute('max'))).toBeGreaterThan(0.2);
  });
  expect(await still.getByRole('alert').count()).toBe(0);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  await still.getByRole('img', { name: 'Frame' }).waitFor();
});

describe('C7: parents in a circle', () => {
  const circle = (parentOf: (id: string) => string) =>
    ['a', 'b'].map((id) => ({
      id,
      type: 'text',
      position: at(id === 'a' ? 0 : 320),
      parentId: parentOf(id),
      data: { label: `Node ${id}`, text: id },
    }));

  test('are freed when they are pasted, and it is said', async () => {
    const page = await open({ nodes: [{ id: 'x', type: 'text', position: at(0), data: {} }], edges: [] });
    const text = JSON.stringify({ heddle: 'nodes', nodes: circle((id) => (id === 'a' ? 'b' : 'a')), edges: [] });
    await page.evaluate((fragment) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', fragment);
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
    }, text);
    await untilCount(page.locator('.node-card'), 3);
    await page.getByText('2 nodes taken out of their groups').first().waitFor();
    await untilSaved(page);
  });

  test('are freed when a graph with them is opened, in the list too', async () => {
    const page = await open({ nodes: circle((id) => (id === 'a' ? 'b' : 'a')), edges: [] });
    await page.getByText('2 nodes taken out of their groups').first().waitFor();
    await page.getByRole('link', { name: 'Heddle, all workflows' }).click();
    await page.getByRole('list', { name: 'Workflows' }).getByRole('listitem').first().waitFor();
    expect(await page.getByText('Something went wrong').count()).toBe(0);
  });
});

/** A photo, five cuts of it, a cut of a cut, a model that looks at them, and what passes its answer on. */
async function richGraph(): Promise<Graph> {
  const { url } = await stack.server.api.upload(await makePicture('jpeg', 600, 800));
  const { url: clip } = await stack.server.api.upload(await makeCountingClip());
  const cuts = ['c1', 'c2', 'c3', 'c4', 'c5'];
  return {
    nodes: [
      { id: 'photo', type: 'image', position: at(0), data: { label: 'Photo', file: { url } } },
      ...cuts.map((id, index) => ({
        id,
        type: 'cropImage',
        position: at(400 + index * 20, index * 40),
        data: { label: `Cut ${id}`, width_percent: 20 + index * 20, height_percent: 100 - index * 15 },
      })),
      { id: 'inner', type: 'cropImage', position: at(800), data: { label: 'Cut of a cut' } },
      { id: 'clip', type: 'video', position: at(0, 500), data: { label: 'Clip', file: { url: clip } } },
      { id: 'frame', type: 'extractFrame', position: at(400, 500), data: { label: 'Still', timestamp: '50%' } },
      {
        id: 'model',
        type: 'llm',
        position: at(900, 300),
        data: { label: 'Model', model: 'gemini-fake', userMessage: 'Look.' },
      },
      { id: 'pass', type: 'delay', position: at(1_300, 300), data: { label: 'Pass', ms: 0 } },
    ],
    edges: [
      ...cuts.map((id) => edge('photo', id, 'image_url')),
      edge('c1', 'inner', 'image_url'),
      edge('clip', 'frame', 'video_url'),
      edge('inner', 'model', 'images'),
      edge('frame', 'model', 'images'),
      edge('model', 'pass', 'input'),
    ],
  };
}

describe('C25: results', () => {
  test('have their room from the start: after Tidy up and Run nothing has moved, grown or been covered', async () => {
    stack.gemini.script({ kind: 'answer', chunks: [`${'A long answer with many words. '.repeat(60)}End.`] });
    const page = await open(await richGraph());
    await page.keyboard.press('Shift+T');
    await eventually(async () => expect(overlaps(await boxesOf(page))).toEqual([]));
    await untilSaved(page);
    const before = await boxesOf(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await untilRun(page, 'COMPLETED');
    const results = page.locator('.node-result[data-result="some"]');
    await untilCount(results, 9);
    const images = page.getByRole('img', { name: /^(Cropped image|Frame)$/ });
    await untilCount(images, 7);
    for (const image of await images.all()) await image.evaluate((element: HTMLImageElement) => element.decode());
    const after = await boxesOf(page);
    expect(after).toEqual(before);
    expect(overlaps(after)).toEqual([]);
    // Nothing of a result looks out of its node.
    const outside = await page.locator('.node-result').evaluateAll(
      (areas) =>
        areas.flatMap((area) => {
          const room = area.getBoundingClientRect();
          return [...area.children].filter((child) => child.getBoundingClientRect().bottom > room.bottom + 1);
        }).length,
    );
    expect(outside).toBe(0);
  });

  test('that fail have no less room: the words stand where the result would', async () => {
    stack.gemini.script({ kind: 'error', status: 400, message: 'No. '.repeat(200) });
    const page = await open({
      nodes: [
        {
          id: 'model',
          type: 'llm',
          position: at(0),
          data: { label: 'Model', model: 'gemini-fake', userMessage: 'Hi' },
        },
        { id: 'pass', type: 'delay', position: at(340), data: { label: 'Pass', ms: 0 } },
      ],
      edges: [edge('model', 'pass', 'input')],
    });
    const before = await boxesOf(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await untilRun(page, 'FAILED');
    await nodeCard(page, 'Model').getByRole('button', { name: 'Retry' }).waitFor();
    await nodeCard(page, 'Pass').locator('.node-card[data-status="skipped"]').waitFor();
    expect(await boxesOf(page)).toEqual(before);
  });

  test('of a run that is refused: what is wrong stands within the node, and makes way for whoever mends it', async () => {
    const page = await open({
      nodes: [
        { id: 'cut', type: 'cropImage', position: at(0), data: { label: 'Cut' } },
        { id: 'photo', type: 'image', position: at(340), data: { label: 'Photo' } },
        { id: 'search', type: 'replaceText', position: at(680), data: { label: 'Search' } },
      ],
      edges: [],
    });
    await page.waitForLoadState('networkidle');
    const before = await boxesOf(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await untilCount(page.locator('.node-findings'), 3);
    expect(await boxesOf(page)).toEqual(before);
    const outside = await page.locator('.node-findings').evaluateAll(
      (all) =>
        all.filter((each) => {
          const [inner, outer] = [each, each.closest('.node-card')!].map((one) => one.getBoundingClientRect());
          return inner!.top < outer!.top || inner!.bottom > outer!.bottom || each.scrollHeight > each.clientHeight;
        }).length,
    );
    expect(outside).toBe(0);
    const words = nodeCard(page, 'Photo').locator('.node-findings');
    await nodeCard(page, 'Photo').getByRole('button', { name: 'Drop an image or browse' }).focus();
    await words.waitFor({ state: 'hidden' });
  });

  test('are reckoned with before a node was ever drawn: each is as high as it is expected to be, whatever its fields hold', async () => {
    keepTypes(nodeDefinitions.map(describeNodeType));
    await loadCanvasDefinitions();
    const cases = nodeDefinitions.flatMap((definition) => [
      { name: definition.type, type: definition.type, data: { ...definition.defaults } },
      ...dataThatChangesFields(definition),
    ]);
    cases.push(
      {
        name: 'template with names',
        type: 'template',
        data: { template: 'Dear {{name}}, come to {{place}} at {{time}}, with {{somebody}}.' },
      },
      ...dataTypes.map((type) => ({ name: `list of ${type}`, type: 'list', data: { type, items: [] } })),
    );
    const expected = Object.fromEntries(cases.map(({ name, type, data }) => [name, heightToCome(type, data)]));
    const found: [string, number][] = [];
    // So few that each is drawn whole.
    for (let from = 0; from < cases.length; from += 60) {
      const drawn = cases.slice(from, from + 60);
      const page = await open({
        nodes: drawn.map(({ name, type, data }, index) => ({ id: name, type, position: at(index * 340), data })),
        edges: [],
      });
      // Editors of fields come on their own.
      await page.waitForLoadState('networkidle');
      await untilCount(page.locator('.node-loading'), 0);
      found.push(...(await boxesOf(page)).map(({ name, height }): [string, number] => [name, height]));
      await page.context().close();
    }
    const wrong = found.filter(([name, height]) => height !== expected[name]);
    expect(wrong.map(([name, height]) => `${name}: ${expected[name]} expected, ${height} drawn`)).toEqual([]);
    expect(found).toHaveLength(cases.length);
  });
});

interface Case {
  readonly name: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Data of a node type with each value of each field that other fields depend on. */
function dataThatChangesFields(definition: NodeDefinition): Case[] {
  const fields = fieldsOf(describeNodeType(definition).schema);
  const deciding = new Set(fields.map(({ shownWhen }) => shownWhen?.field));
  return fields
    .filter(({ name }) => deciding.has(name))
    .flatMap(({ name, control, options, shownWhen }) =>
      (control === 'switch' ? [false, true] : options).map((value) => ({
        name: `${definition.type} ${name} ${value}`,
        type: definition.type,
        data: {
          ...definition.defaults,
          ...(shownWhen === undefined ? {} : { [shownWhen.field]: shownWhen.values[0] }),
          [name]: value,
        },
      })),
    );
}

test('C26: every handle stands beside its own row, connected or not', async () => {
  const page = await open({
    nodes: [
      { id: 'words', type: 'text', position: at(0), data: { label: 'Words', text: 'x' } },
      { id: 'model', type: 'llm', position: at(400), data: { label: 'Model' } },
      { id: 'crop', type: 'cropImage', position: at(800), data: { label: 'Cut' } },
    ],
    edges: [edge('words', 'model', 'user_message')],
  });
  const beside = async (node: string, handle: string, name: string) => {
    const card = page.locator(`.react-flow__node[data-id="${node}"]`);
    // A star stands after the name of what is needed.
    const row = await card
      .getByText(new RegExp(`^${name}( \\*)?$`))
      .first()
      .elementHandle();
    // Read at one moment: the view may still move.
    const at = await card.evaluate(
      (element, [id, words]) => {
        const box = (part: Element) => part.getBoundingClientRect();
        const dot = box(element.querySelector(`.react-flow__handle[data-handleid="${id}"]`)!);
        const [x, y] = [dot.x + dot.width / 2, dot.y + dot.height / 2];
        const { top, bottom } = box(words);
        return { isBeside: y >= top - 2 && y <= bottom + 2, isAtEdge: Math.abs(x - box(element).x) < 3 };
      },
      [handle, row!] as const,
    );
    expect([handle, at]).toEqual([handle, { isBeside: true, isAtEdge: true }]);
  };
  await beside('model', 'images', 'Images');
  await beside('model', 'system_prompt', 'System prompt');
  await beside('model', 'user_message', 'User message');
  await beside('crop', 'image_url', 'Image');
  // And the edge ends there.
  await page.locator('.react-flow__edge').waitFor({ state: 'attached' });
});

test('C27: all results of a run are downloaded from its menu in the panel, and from beside the summary', async () => {
  const page = await open({
    nodes: [
      { id: 'words', type: 'text', position: at(0), data: { label: 'Words', text: 'take me along' } },
      { id: 'pass', type: 'delay', position: at(340), data: { label: 'Pass', ms: 0 } },
    ],
    edges: [edge('words', 'pass', 'input')],
  });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await untilRun(page, 'COMPLETED');
  const [first] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download outputs' }).click(),
  ]);
  expect(first.suggestedFilename()).toMatch(/^.+ run [0-9a-f]{8}\.zip$/);
  await page.keyboard.press('r');
  await page.getByRole('button', { name: 'More for this run' }).click();
  const [second] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download outputs' }).click(),
  ]);
  expect(second.suggestedFilename()).toBe(first.suggestedFilename());
});
