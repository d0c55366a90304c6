import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { catalogueFrom } from '../graph/catalogue.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
let workflow: StoreFixture;
beforeEach(() => {
  workflow = createStoreFixture(catalogue);
});

const state = () => workflow.state();
const undoLabels = () => workflow.undoLabels();
const connect = (source: string, target: string, targetHandle: string) =>
  workflow.connect(source, target, targetHandle);

describe('a connection that is drawn over to another end', () => {
  test('keeps its id and its place, and lets go of what held a single input', () => {
    const [one, two] = [state().addNode('image', { x: 0, y: 0 }), state().addNode('image', { x: 0, y: 300 })];
    const model = state().addNode('llm', { x: 400, y: 0 });
    connect(one, model, 'images');
    connect(two, model, 'images');
    const [first, second] = state().edges.map(({ id }) => id);
    const three = state().addNode('image', { x: 0, y: 600 });
    state().onReconnect(first!, { source: three, sourceHandle: 'output', target: model, targetHandle: 'images' });
    expect(state().edges.map(({ id, source }) => [id, source])).toEqual([
      [first, three],
      [second, two],
    ]);
    expect(undoLabels().at(-1)).toBe('Reconnect');
  });

  test('is refused where it could not have been drawn, and stays as it was', () => {
    const [picture, model] = [state().addNode('image', { x: 0, y: 0 }), state().addNode('llm', { x: 400, y: 0 })];
    connect(picture, model, 'images');
    const before = state().edges;
    state().onReconnect(before[0]!.id, {
      source: picture,
      sourceHandle: 'output',
      target: model,
      targetHandle: 'user_message',
    });
    expect(state().edges).toBe(before);
    expect(workflow.toasts.map(({ title }) => title)).toEqual(['Not connected']);
  });
});

describe('a file that arrives in a node', () => {
  const file = { url: '/api/assets/1', name: 'a.png', type: 'image/png' };
  const files = () => state().nodes.map(({ data }) => data['file']);

  test('that was added for it belongs to that step, whatever was done meanwhile', () => {
    const own = state().addNode('image', { x: 0, y: 0 });
    let added = '';
    state().transact('Add 1 file', () => (added = state().addNode('image', { x: 400, y: 0 })));
    state().updateNodeData(added, { label: 'Renamed' });
    state().receiveFile(own, { file }, added);
    state().receiveFile(added, { file }, added);
    expect(undoLabels()).toEqual(['Add Image', 'Add 1 file', 'Edit Image 2']);
    expect(files()).toEqual([file, file]);
    state().undo();
    expect(files()).toEqual([file, file]);
    state().undo();
    expect(files()).toEqual([undefined]);
    state().redo();
    expect(files()).toEqual([file, file]);
  });

  test('that is gone for now is there when the node comes back', () => {
    let added = '';
    state().transact('Add 1 file', () => (added = state().addNode('image', { x: 0, y: 0 })));
    state().undo();
    state().receiveFile(added, { file }, added);
    expect(files()).toEqual([]);
    state().redo();
    expect(files()).toEqual([file]);
  });

  test('that was there before is a step of its own', () => {
    const own = state().addNode('image', { x: 0, y: 0 });
    workflow.now = 1_000;
    state().receiveFile(own, { file }, null);
    expect(undoLabels()).toEqual(['Add Image', 'Edit Image']);
    state().undo();
    expect(files()).toEqual([undefined]);
  });
});

test('a new node has the defaults of its type and is selected alone', () => {
  state().addNode('text', { x: 0, y: 0 });
  const id = state().addNode('llm', { x: 10.4, y: 20.6 });
  expect(state().selectedNodes).toEqual([id]);
  expect(state().nodes[1]).toMatchObject({
    type: 'llm',
    position: { x: 10, y: 21 },
    data: { label: 'LLM', model: '' },
  });
  expect(state().nodes[0]?.selected).toBe(false);
});

test('a new node has a name of its own', () => {
  for (let count = 0; count < 3; count += 1) state().addNode('text', { x: 0, y: 0 });
  expect(state().nodes.map(({ data }) => data['label'])).toEqual(['Text', 'Text 2', 'Text 3']);
});

describe('connecting', () => {
  test('joins an output and an input of one type', () => {
    const text = state().addNode('text', { x: 0, y: 0 });
    const llm = state().addNode('llm', { x: 0, y: 0 });
    connect(text, llm, 'user_message');
    expect(state().edges).toMatchObject([{ source: text, target: llm, targetHandle: 'user_message' }]);
  });

  test('refuses another type and says what the input takes', () => {
    const text = state().addNode('text', { x: 0, y: 0 });
    const crop = state().addNode('cropImage', { x: 0, y: 0 });
    connect(text, crop, 'image_url');
    expect(state().edges).toEqual([]);
    expect(workflow.toasts[0]?.description).toBe('"Image" of Crop image takes an image, not text.');
  });

  test('refuses a loop', () => {
    const a = state().addNode('delay', { x: 0, y: 0 });
    const b = state().addNode('delay', { x: 0, y: 0 });
    const c = state().addNode('delay', { x: 0, y: 0 });
    connect(a, b, 'input');
    connect(b, c, 'input');
    connect(c, a, 'input');
    expect(state().edges).toHaveLength(2);
    expect(workflow.toasts[0]?.description).toContain('cycle');
  });

  test('an input for one value lets go of its earlier edge, one for many keeps it', () => {
    const image = state().addNode('image', { x: 0, y: 0 });
    const other = state().addNode('image', { x: 0, y: 0 });
    const crop = state().addNode('cropImage', { x: 0, y: 0 });
    const llm = state().addNode('llm', { x: 0, y: 0 });
    connect(image, crop, 'image_url');
    connect(other, crop, 'image_url');
    connect(image, llm, 'images');
    connect(other, llm, 'images');
    expect(state().edges.map(({ source, target }) => [source, target])).toEqual([
      [other, crop],
      [image, llm],
      [other, llm],
    ]);
  });
});

test('grouping keeps every node where it is, and so does ungrouping', () => {
  const a = state().addNode('text', { x: 100, y: 200 });
  const b = state().addNode('llm', { x: 500, y: 260 });
  state().selectNodes([a, b]);
  state().groupSelection();
  const frame = state().nodes[0]!;
  expect(frame.type).toBe('group');
  const inside = state().nodes.find(({ id }) => id === a)!;
  expect({ x: frame.position.x + inside.position.x, y: frame.position.y + inside.position.y }).toEqual({
    x: 100,
    y: 200,
  });
  state().ungroupSelection();
  expect(state().nodes.find(({ id }) => id === b)?.position).toEqual({ x: 500, y: 260 });
  expect(state().nodes.some(({ type }) => type === 'group')).toBe(false);
});

test('a node that is dropped into a frame moves with it, one that is dragged out is free again', () => {
  const inside = state().addNode('text', { x: 0, y: 0 });
  state().groupSelection();
  const frame = state().nodes[0]!;
  const other = state().addNode('text', { x: 10, y: 20 });
  const place = (id: string) => state().nodes.find((node) => node.id === id)!;
  state().joinFrames([other]);
  expect(place(other)).toMatchObject({
    parentId: frame.id,
    position: { x: 10 - frame.position.x, y: 20 - frame.position.y },
  });
  state().moveNodes('Move', new Map([[inside, { x: 2_000, y: 0 }]]));
  state().joinFrames([inside]);
  expect(place(inside).parentId).toBeUndefined();
  expect(place(inside).position).toEqual({ x: 2_000 + frame.position.x, y: frame.position.y });
});

test('turning off is one step, and a mixed selection is turned off as a whole', () => {
  const a = state().addNode('text', { x: 0, y: 0 });
  const b = state().addNode('text', { x: 0, y: 0 });
  const note = state().addNode('note', { x: 0, y: 0 });
  const off = () => state().nodes.map(({ data }) => data['off'] === true);
  state().toggleOff([a]);
  state().toggleOff([a, b, note]);
  expect(off()).toEqual([true, true, false]);
  state().toggleOff([a, b]);
  expect(off()).toEqual([false, false, false]);
  expect(undoLabels().slice(-3)).toEqual(['Turn off 1 node', 'Turn off 2 nodes', 'Turn on 2 nodes']);
});

describe('a node that grows', () => {
  const heightOf = (id: string, height: number) =>
    state().onNodesChange([{ type: 'dimensions', id, dimensions: { width: 264, height } }]);
  const top = (id: string) => state().nodes.find((node) => node.id === id)?.position.y;
  let grown = '';
  let below = '';
  beforeEach(() => {
    grown = state().addNode('cropImage', { x: 0, y: 0 });
    below = state().addNode('text', { x: 0, y: 340 });
    heightOf(grown, 300);
    heightOf(below, 120);
  });

  test('by what was edited moves what it would cover, within the same step', () => {
    state().updateNodeData(grown, { by: 'shape' });
    const revision = state().revision;
    heightOf(grown, 400);
    expect(top(below)).toBe(440);
    expect(state().revision).toBe(revision + 1);
    expect(undoLabels().slice(-2)).toEqual(['Add Text', 'Edit Crop image']);
    state().undo();
    expect(top(below)).toBe(340);
    state().redo();
    expect(top(below)).toBe(440);
  });

  test('by itself moves nothing; unfolded it makes room as a step of its own', () => {
    heightOf(grown, 400);
    expect(top(below)).toBe(340);
    heightOf(grown, 300);
    state().unfoldNode(grown);
    heightOf(grown, 400);
    expect(top(below)).toBe(440);
    expect(undoLabels().at(-1)).toBe('Make room');
  });

  test('long after an edit, or after it was unfolded, has another cause: nothing moves', () => {
    state().updateNodeData(grown, { by: 'shape' });
    state().unfoldNode(grown);
    const steps = undoLabels();
    workflow.now += 10_000;
    heightOf(grown, 400);
    expect(top(below)).toBe(340);
    expect(undoLabels()).toEqual(steps);
  });
});
