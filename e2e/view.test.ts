import { describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../testing/eventually.ts';
import { makePicture } from '../testing/media.ts';
import { dragFromPalette, middleOf, nodeCard, openNewWorkflow, untilCount, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

async function edgesOf(element: Locator): Promise<Edges> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('The element is not on the screen.');
  return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
}

async function covers(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [await edgesOf(one), await edgesOf(other)];
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Notes every place of the view from now on; the function that comes back tells them. */
async function recordView(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const view = document.querySelector<HTMLElement>('.react-flow__viewport')!;
    const seen = [view.style.transform];
    Object.assign(window, { seenViews: seen });
    new MutationObserver(() => {
      if (seen.at(-1) !== view.style.transform) seen.push(view.style.transform);
    }).observe(view, { attributeFilter: ['style'] });
  });
  return () => page.evaluate(() => (window as unknown as { seenViews: string[] }).seenViews);
}

/** More than a busy browser draws before the next step of a motion. */
const stillFrames = 10;

/** The view has come to its end: it is the same in so many frames after one another. */
async function untilStill(page: Page): Promise<void> {
  await page.evaluate(
    (frames) =>
      new Promise<void>((resolve) => {
        const { style } = document.querySelector<HTMLElement>('.react-flow__viewport')!;
        let last = '';
        let same = 0;
        const look = () => {
          same = style.transform === last ? same + 1 : 0;
          last = style.transform;
          if (same === frames) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
    stillFrames,
  );
}

/** A row of texts that fills the width of the canvas. */
async function openRow(): Promise<Page> {
  const id = await stack.server.api.createWorkflow({
    nodes: ['Left', 'Middle', 'Right'].map((label, index) => ({
      id: label,
      type: 'text',
      position: { x: index * 400, y: 0 },
      data: { label, text: label },
    })),
    edges: [],
  });
  const opened = await stack.open({ path: `/workflows/${id}` });
  await untilFitted(opened.page);
  return opened.page;
}

/** Waits until the first fit has ended: the row begins beside the controls. */
async function untilFitted(page: Page): Promise<void> {
  await nodeCard(page, 'Right').waitFor();
  await page.locator('.react-flow__viewport[style*="translate(64px"]').waitFor({ state: 'attached' });
}

/** From now on the time of the page goes on only when it is told to: a busy machine leaves no frame out. */
async function holdTime(page: Page): Promise<void> {
  await page.clock.install();
  await page.reload();
  await untilFitted(page);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 10_000));
}

const headerAt = { position: { x: 60, y: 16 } };

describe('the inspector', () => {
  test('moves the selected node out of its way', async () => {
    const page = await openRow();
    await nodeCard(page, 'Right').click(headerAt);
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.waitFor();
    await eventually(async () =>
      expect((await edgesOf(nodeCard(page, 'Right'))).right).toBeLessThan((await edgesOf(inspector)).left),
    );
  });

  test('leaves the view alone where it covers nothing that is selected', async () => {
    const page = await openRow();
    const views = await recordView(page);
    await nodeCard(page, 'Left').click(headerAt);
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
    await page.getByRole('button', { name: 'Hide the inspector' }).click();
    expect(await views()).toHaveLength(1);
  });

  test('moves it in one step for who wants no motion, else in many', async () => {
    for (const reducedMotion of ['reduce', 'no-preference'] as const) {
      const page = await openRow();
      await page.emulateMedia({ reducedMotion });
      await holdTime(page);
      const views = await recordView(page);
      await nodeCard(page, 'Right').click(headerAt);
      const inspector = page.getByRole('complementary', { name: 'Inspector' });
      await eventually(async () => {
        await page.clock.runFor(20);
        expect(await inspector.count()).toBe(1);
        expect((await edgesOf(nodeCard(page, 'Right'))).right).toBeLessThan((await edgesOf(inspector)).left);
      });
      const steps = (await views()).length - 1;
      if (reducedMotion === 'reduce') expect(steps).toBe(1);
      else expect(steps).toBeGreaterThan(1);
      await page.context().close();
    }
  });
});

test('the toolbar of a node and the bar of the run do not lie over each other', async () => {
  const page = await openRow();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-run-status="COMPLETED"]').waitFor();
  for (const name of ['Left', 'Middle', 'Right']) {
    await nodeCard(page, name).click(headerAt);
    const toolbar = page.getByRole('toolbar', { name: 'Node', exact: true });
    await toolbar.waitFor();
    expect(await covers(toolbar, page.locator('[data-run-status]'))).toBe(false);
  }
});

test('nodes added one after another, by a click or by a key, stand in a row and in view', async () => {
  const { page } = await stack.open();
  await openNewWorkflow(page);
  const palette = page.getByRole('navigation', { name: 'Nodes' });
  for (const title of ['Image', 'Crop image', 'LLM']) {
    await palette.getByRole('button', { name: title, exact: true }).click();
  }
  await page.keyboard.press('n');
  await page.getByRole('combobox', { name: 'Search node types' }).fill('delay');
  await page.keyboard.press('Enter');
  const nodes = page.locator('.react-flow__node');
  await untilCount(nodes, 4);
  const area = await edgesOf(page.locator('.react-flow'));
  await eventually(async () => {
    const { left, top, right, bottom } = await edgesOf(nodes.last());
    expect([left > area.left, top > area.top, right < area.right, bottom < area.bottom]).toEqual(Array(4).fill(true));
  });
  // Each stands behind the one before it, as data goes; taken at one moment, for the view may still move.
  const gaps = await nodes.evaluateAll((all) => {
    const boxes = all.map((node) => node.getBoundingClientRect());
    return boxes.slice(1).map((box, index) => box.left - boxes[index]!.right);
  });
  expect(gaps.map((gap) => gap > 0)).toEqual([true, true, true]);
  expect(await page.locator('.react-flow__viewport').getAttribute('style')).toContain('scale(1)');
});

test('a node that is added by whichever way lies in the free part of the view, whole, beside what is open', async () => {
  const { page } = await stack.open();
  await openNewWorkflow(page);
  const pane = page.locator('.react-flow__pane');
  const nodes = page.locator('.react-flow__node');
  const untilInView = (count: number) =>
    eventually(async () => {
      expect(await nodes.count()).toBe(count);
      const area = await edgesOf(page.locator('.react-flow'));
      const { left, top, right, bottom } = await edgesOf(nodes.last());
      const isIn = [left > area.left, top > area.top, right < area.right, bottom < area.bottom];
      expect(isIn).toEqual(Array(4).fill(true));
    });
  const size = (await pane.boundingBox())!;
  const corner = { x: size.width - 20, y: size.height - 130 };
  // The inspector opens over that corner.
  await dragFromPalette(page, 'Text', corner);
  await untilInView(1);
  await pane.dblclick({ position: { x: 20, y: 20 } });
  await page.getByRole('combobox', { name: 'Search node types' }).fill('crop');
  await page.keyboard.press('Enter');
  await untilInView(2);
  const narrow = (await pane.boundingBox())!;
  await dragFromPalette(page, 'LLM', { x: narrow.width - 10, y: narrow.height - 130 });
  await untilInView(3);
  await page.keyboard.press('Control+d');
  await untilInView(4);
  await untilStill(page);
  // A step back moves nothing but what it takes away.
  const views = await recordView(page);
  await page.keyboard.press('Control+z');
  await untilCount(nodes, 3);
  expect(await views()).toHaveLength(1);
});

test('a node that grows by an edit pushes what lies below it, as a part of that step', async () => {
  const columns = [
    { id: 'crop', type: 'cropImage', data: { label: 'Cut', by: 'shape' } },
    { id: 'list', type: 'list', data: { label: 'Many', type: 'text', items: [] } },
    { id: 'ask', type: 'approve', data: { label: 'Ask', message: 'Is it good?' } },
  ].map((node, index) => ({ ...node, position: { x: index * 340, y: 0 } }));
  const id = await stack.server.api.createWorkflow({ nodes: columns, edges: [] });
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const tops = () =>
    page.locator('.react-flow__node').evaluateAll((all) =>
      Object.fromEntries(
        all.map((node) => {
          const top = new DOMMatrix(getComputedStyle(node).transform).m42;
          return [node.getAttribute('data-id')!, { top, bottom: top + (node as HTMLElement).offsetHeight }];
        }),
      ),
    );
  await nodeCard(page, 'Ask').getByRole('button', { name: 'Add a field' }).waitFor();
  await page.waitForLoadState('networkidle');
  const alone = await tops();
  const below = columns.map(({ id: above, position }) => ({
    id: `below-${above}`,
    type: 'text',
    position: { x: position.x, y: alone[above]!.bottom + 40 },
    data: { label: `Below ${above}`, text: above },
  }));
  await stack.server.api.request('PUT', `/api/workflows/${id}`, { data: { nodes: [...columns, ...below], edges: [] } });
  await page.reload();
  await nodeCard(page, 'Ask').getByRole('button', { name: 'Add a field' }).waitFor();
  await page.waitForLoadState('networkidle');
  const choose = async (name: string, select: string, option: string) => {
    await nodeCard(page, name).getByRole('combobox', { name: select, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const untilPushed = async (above: string) => {
    const before = alone[above]!.bottom;
    await eventually(async () => {
      const now = await tops();
      expect(now[above]!.bottom).toBeGreaterThan(before);
      expect(now[`below-${above}`]!.top).toBe(now[above]!.bottom + 40);
    });
  };
  await choose('Cut', 'Cut', 'A box on the image');
  await untilPushed('crop');
  await page.getByRole('button', { name: 'Undo edit Cut' }).click();
  await eventually(async () => expect((await tops())['below-crop']!.top).toBe(alone['crop']!.bottom + 40));
  await choose('Many', 'Type', 'Image');
  await untilPushed('list');
  for (const count of [1, 2, 3]) {
    await nodeCard(page, 'Ask').getByRole('button', { name: 'Add a field' }).click();
    await untilCount(nodeCard(page, 'Ask').getByLabel(/^Name of field/), count);
  }
  await untilPushed('ask');
  await untilSaved(page);
});

test('the frame of a group is where the group is, and shows that it has the focus', async () => {
  const page = await openRow();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+g');
  const group = page.locator('.react-flow__node-group');
  await group.waitFor();
  const frame = group.locator('> *').first();
  const [outer, inner] = await group.evaluate((element) =>
    [element, element.firstElementChild!].map((part) => JSON.stringify(part.getBoundingClientRect())),
  );
  expect(inner).toBe(outer);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('All three');
  expect(await group.getByRole('textbox', { name: 'Name of the group' }).inputValue()).toBe('All three');
  await page.keyboard.press('Shift+Tab');
  await group.focus();
  expect(await frame.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
});

test('an output with lists in lists is laid open: every text over the whole width, pictures as pictures', async () => {
  const { url } = await stack.server.api.upload(await makePicture('jpeg'));
  const delay = (id: string, x: number) => ({
    id,
    type: 'delay',
    position: { x, y: 0 },
    data: { label: id, ms: 0 },
  });
  const text = (id: string, y: number) => ({
    id,
    type: 'text',
    position: { x: 0, y },
    data: { label: id, text: `Words of ${id}` },
  });
  const edge = (source: string, target: string) => ({
    id: `${source} ${target}`,
    source,
    sourceHandle: 'output',
    target,
    targetHandle: 'input',
  });
  const id = await stack.server.api.createWorkflow({
    nodes: [
      text('one', 0),
      text('two', 200),
      { id: 'photo', type: 'image', position: { x: 0, y: 400 }, data: { label: 'photo', image: url } },
      delay('pair', 340),
      delay('nested', 680),
      delay('more', 1_020),
    ],
    edges: [
      ...['one', 'two'].map((source) => edge(source, 'pair')),
      ...['pair', 'photo', 'one'].map((source) => edge(source, 'nested')),
      ...['nested', 'pair', 'two'].map((source) => edge(source, 'more')),
    ],
  });
  await stack.server.api.finished(await stack.server.api.start(id));
  const { page } = await stack.open({ path: `/workflows/${id}` });
  const output = nodeCard(page, 'nested').getByRole('list', { name: 'Output' });
  await output.waitFor();
  // The first two came in one list; each says where it lies.
  expect(await output.getByRole('listitem').allTextContents()).toEqual([
    '1.1Words of one',
    '1.2Words of two',
    expect.stringMatching(/^2/),
    '3Words of one',
  ]);
  await output.getByRole('img', { name: 'Output 2' }).waitFor();
  // Read at one moment: the view may still move.
  const widths = await output.evaluate((list) =>
    [list, ...list.querySelectorAll('[role="region"]')].map((part) => part.clientWidth),
  );
  expect(widths).toHaveLength(4);
  expect(new Set(widths).size).toBe(1);

  // Of many only the first are there, until the others are asked for.
  const more = nodeCard(page, 'more');
  // Its handles are a list of their own.
  const parts = more.getByRole('list', { name: 'Output' }).getByRole('listitem');
  await untilCount(parts, 6);
  await more.getByRole('button', { name: 'Show all 7' }).click();
  await untilCount(parts, 7);
});

test('the small map stands beside the canvas where there is room, and over it only where no node is', async () => {
  const page = await openRow();
  const map = page.getByRole('img', { name: 'Minimap of the workflow' });
  const palette = page.getByRole('navigation', { name: 'Nodes' });
  // While all of the graph is in view nobody needs it.
  await palette.getByText('Sticky note').waitFor();
  expect(await map.count()).toBe(0);
  await nodeCard(page, 'Middle').click(headerAt);
  await page.keyboard.press('Shift+F');
  await palette.getByRole('img', { name: 'Minimap of the workflow' }).waitFor();
  expect(await covers(map, page.locator('.react-flow'))).toBe(false);
  // A click there brings the view to that place.
  const seen = await recordView(page);
  await map.click({ position: { x: 8, y: 8 } });
  await eventually(async () => expect((await seen()).length).toBeGreaterThan(1));

  // Without the list of nodes it goes to the foot of the inspector.
  await palette.getByRole('button', { name: 'Hide nodes' }).click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByRole('img', { name: 'Minimap of the workflow' }).waitFor();
  expect(await covers(map, page.locator('.react-flow'))).toBe(false);
  // Without that as well it lies over a corner of the canvas, as long as no node is there.
  await inspector.getByRole('button', { name: 'Hide the inspector' }).click();
  const over = page.locator('.react-flow .small-map');
  const { left, top } = await edgesOf(page.locator('.react-flow'));
  await moveTo(page, 'Middle', { x: left + 300, y: top + 200 });
  await over.waitFor();
  await moveTo(page, 'Right', await middleOf(over));
  await over.waitFor({ state: 'hidden' });
});

/** Drags the view until the middle of a node is at a point of the screen. */
async function moveTo(page: Page, name: string, to: { x: number; y: number }): Promise<void> {
  const from = await middleOf(nodeCard(page, name));
  const { left, top } = await edgesOf(page.locator('.react-flow'));
  const start = { x: left + 600, y: top + 30 };
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + to.x - from.x, start.y + to.y - from.y, { steps: 4 });
  await page.mouse.up();
}
