import { beforeEach, describe, expect, test } from '@jest/globals';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import type { StartRunBody } from '../../core/api/runs.ts';
import { ApiError } from '../api/api-error.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { catalogueFrom } from '../graph/catalogue.ts';
import { readPaste } from '../graph/read-paste.ts';
import type { ToastOptions } from '../ui/notify.ts';
import { createWorkflowStore, type WorkflowStoreApi } from './workflow-store.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));

let store: WorkflowStoreApi;
let now: number;
let started: StartRunBody[];
let toasts: ToastOptions[];
let startRun: (body: StartRunBody) => Promise<void>;

beforeEach(() => {
  let ids = 0;
  now = 0;
  started = [];
  toasts = [];
  startRun = async (body) => {
    started.push(body);
  };
  store = createWorkflowStore(
    {
      catalogue,
      createId: () => `id${(ids += 1)}`,
      now: () => now,
      notify: (toast) => toasts.push(toast),
      startRun: (body) => startRun(body),
    },
    { nodes: [], edges: [] },
  );
});

const fragmentIn = (text: string) => {
  const limits = { maxNodes: 500, maxEdges: 2_000, maxTextBytes: 262_144, maxGraphBytes: 1_048_576 };
  const pasted = readPaste({ files: [], text, html: null }, { types: new Set(catalogue.keys()), limits });
  if (pasted.kind !== 'nodes') throw new Error(`The text holds ${pasted.kind}.`);
  return pasted.fragment;
};

const state = () => store.getState();
const undoLabels = () => state().history.past.map(({ label }) => label);
const connect = (source: string, target: string, targetHandle: string) =>
  state().onConnect({ source, sourceHandle: 'output', target, targetHandle });

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
    expect(toasts.map(({ title }) => title)).toEqual(['Not connected']);
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
    now = 1_000;
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
    expect(toasts[0]?.description).toBe('"Image" of Crop image takes an image, not text.');
  });

  test('refuses a loop', () => {
    const a = state().addNode('delay', { x: 0, y: 0 });
    const b = state().addNode('delay', { x: 0, y: 0 });
    const c = state().addNode('delay', { x: 0, y: 0 });
    connect(a, b, 'input');
    connect(b, c, 'input');
    connect(c, a, 'input');
    expect(state().edges).toHaveLength(2);
    expect(toasts[0]?.description).toContain('cycle');
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

describe('one step back', () => {
  test('is a whole drag, named by how many nodes moved', () => {
    const id = state().addNode('text', { x: 0, y: 0 });
    for (let x = 1; x <= 30; x += 1) {
      state().onNodesChange([{ id, type: 'position', position: { x, y: 0 }, dragging: true }]);
    }
    state().onNodesChange([{ id, type: 'position', position: { x: 30, y: 0 }, dragging: false }]);
    expect(undoLabels()).toEqual(['Add Text', 'Move 1 node']);
    state().undo();
    expect(state().nodes[0]?.position).toEqual({ x: 0, y: 0 });
    state().redo();
    expect(state().nodes[0]?.position).toEqual({ x: 30, y: 0 });
  });

  test('is a burst of typing; a pause begins a new one', () => {
    const id = state().addNode('text', { x: 0, y: 0 });
    for (const text of ['h', 'he', 'hey']) {
      now += 100;
      state().updateNodeData(id, { text });
    }
    now += 5_000;
    state().updateNodeData(id, { text: 'hey you' });
    expect(undoLabels()).toEqual(['Add Text', 'Edit Text', 'Edit Text']);
    state().undo();
    expect(state().nodes[0]?.data['text']).toBe('hey');
    state().undo();
    expect(state().nodes[0]?.data['text']).toBe('');
  });

  test('is neither selecting nor measuring, and neither asks to be saved', () => {
    const id = state().addNode('text', { x: 0, y: 0 });
    const { revision } = state();
    state().onNodesChange([{ id, type: 'select', selected: false }]);
    state().onNodesChange([{ id, type: 'dimensions', dimensions: { width: 264, height: 90 } }]);
    expect(undoLabels()).toEqual(['Add Text']);
    expect(state().revision).toBe(revision);
    expect(state().selectedNodes).toEqual([]);
  });

  test('brings back a deleted node with its edges', () => {
    const text = state().addNode('text', { x: 0, y: 0 });
    const llm = state().addNode('llm', { x: 0, y: 0 });
    connect(text, llm, 'user_message');
    state().deleteNode(text);
    expect(state().nodes.map(({ id }) => id)).toEqual([llm]);
    expect(state().edges).toEqual([]);
    state().undo();
    expect(state().nodes).toHaveLength(2);
    expect(state().edges).toHaveLength(1);
  });

  test('a new change forgets the way forward', () => {
    const id = state().addNode('text', { x: 0, y: 0 });
    state().undo();
    expect(state().history.future).toHaveLength(1);
    state().addNode('llm', { x: 0, y: 0 });
    expect(state().history.future).toEqual([]);
    expect(state().nodes.some((node) => node.id === id)).toBe(false);
  });
});

describe('copy and paste', () => {
  test('keeps inner edges, gives new ids and puts the middle at the pointer', () => {
    const text = state().addNode('text', { x: 0, y: 0 }, { text: 'hello' });
    const llm = state().addNode('llm', { x: 400, y: 0 });
    const outside = state().addNode('delay', { x: 800, y: 0 });
    connect(text, llm, 'user_message');
    connect(llm, outside, 'input');
    state().selectNodes([text, llm]);
    const copied = fragmentIn(state().copySelection() ?? '');
    expect(copied.edges).toHaveLength(1);
    state().pasteFragment(copied, { x: 1_000, y: 1_000 });
    expect(state().nodes).toHaveLength(5);
    expect(state().edges).toHaveLength(3);
    const [first, second] = state().nodes.slice(3);
    expect(new Set(state().nodes.map(({ id }) => id)).size).toBe(5);
    expect(first?.data['text']).toBe('hello');
    expect((first!.position.x + second!.position.x + 264) / 2).toBeCloseTo(1_000);
    expect(state().selectedNodes).toEqual([first!.id, second!.id]);
  });

  test('cut takes the nodes away', () => {
    state().addNode('text', { x: 0, y: 0 });
    expect(state().cutSelection()).toContain('"heddle": "nodes"');
    expect(state().nodes).toEqual([]);
  });

  const end = (id: string, type: string, x: number) => ({ id, type, position: { x, y: 0 }, data: {} });
  const edge = (id: string, source: string, target: string, targetHandle = 'input') => ({
    id,
    source,
    sourceHandle: 'output',
    target,
    targetHandle,
  });

  test('C15: leaves out connections that could not be drawn, and says why', () => {
    state().pasteFragment(
      {
        nodes: [end('a', 'text', 0), end('b', 'delay', 300), end('c', 'delay', 600), end('d', 'cropImage', 900)],
        edges: [
          edge('there', 'a', 'b'),
          edge('back', 'b', 'a'),
          edge('again', 'a', 'b'),
          edge('on', 'b', 'c'),
          edge('loop', 'c', 'b'),
          edge('own', 'c', 'c'),
          edge('wrong type', 'a', 'd', 'image_url'),
          edge('no such input', 'a', 'd', 'nothing'),
        ],
      },
      { x: 0, y: 0 },
    );
    const [a, b, c] = state().nodes.map(({ id }) => id);
    expect(state().edges.map(({ source, target }) => [source, target])).toEqual([
      [a, b],
      [b, c],
    ]);
    expect(toasts).toEqual([
      expect.objectContaining({ title: '6 connections skipped', description: expect.stringContaining('output') }),
    ]);
  });

  test('C15: leaves out a second connection into an input for one value', () => {
    state().pasteFragment(
      {
        nodes: [end('a', 'image', 0), end('b', 'image', 300), end('d', 'cropImage', 900)],
        edges: [edge('first', 'a', 'd', 'image_url'), edge('second', 'b', 'd', 'image_url')],
      },
      { x: 0, y: 0 },
    );
    expect(state().edges).toHaveLength(1);
    expect(toasts[0]?.description).toContain('only one connection');
  });

  test('C14: nodes that share an id become nodes of their own', () => {
    state().pasteFragment(
      { nodes: [end('d', 'text', 0), end('d', 'delay', 300), end('x', 'delay', 600)], edges: [edge('e', 'd', 'x')] },
      { x: 0, y: 0 },
    );
    const [first, second, third] = state().nodes.map(({ id }) => id);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(state().edges).toMatchObject([{ source: first, target: third }]);
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

describe('running', () => {
  test('the selection leaves notes out', async () => {
    const note = state().addNode('note', { x: 0, y: 0 });
    const text = state().addNode('text', { x: 0, y: 0 });
    state().selectNodes([note, text]);
    await state().runSelectedNodes();
    await state().runWorkflow();
    expect(started).toEqual([{ mode: 'selected', nodeIds: [text] }, { mode: 'all' }]);
  });

  test('two quick clicks start one run', async () => {
    let release = (): void => undefined;
    startRun = (body) => {
      started.push(body);
      return new Promise((resolve) => (release = resolve));
    };
    const first = state().runWorkflow();
    await state().runWorkflow();
    release();
    await first;
    expect(started).toHaveLength(1);
    expect(state().isStarting).toBe(false);
  });

  test('what the server finds wrong is put on the nodes', async () => {
    const id = state().addNode('image', { x: 0, y: 0 });
    const finding = { code: 'NODE_DATA_INVALID', message: 'No image yet.', nodeIds: [id] };
    startRun = () =>
      Promise.reject(
        new ApiError(422, 'NODE_DATA_INVALID', 'No image yet.', {
          type: 'about:blank',
          title: 'Unprocessable',
          status: 422,
          detail: 'No image yet.',
          instance: '/',
          code: 'NODE_DATA_INVALID',
          requestId: 'r',
          errors: [finding],
        }),
      );
    await state().runWorkflow();
    expect(state().runFindings[id]).toEqual([{ code: 'NODE_DATA_INVALID', message: 'No image yet.' }]);
    expect(toasts[0]?.kind).toBe('error');
    // Whoever mends the node is not told of it any longer.
    state().updateNodeData(id, { label: 'Mended' });
    expect(state().runFindings).toEqual({});
  });
});

describe('a workflow with inputs', () => {
  const mark = (data: Record<string, unknown>) => state().addNode('text', { x: 0, y: 0 }, { text: 'a', ...data });

  test('asks for them before all of it runs; a part of it runs at once', async () => {
    const id = mark({ input: { name: 'topic' } });
    await state().runPart('to', [id]);
    await state().runWorkflow();
    expect(started).toEqual([{ mode: 'to', nodeIds: [id] }]);
    expect(state().isAsking).toBe(true);
    await state().runWithInputs({ topic: 'b' }, () => false);
    expect(started[1]).toEqual({ mode: 'all', inputs: { topic: 'b' } });
    state().stopAsking();
    expect(state().isAsking).toBe(false);
  });

  test.each([
    ['hidden', { input: { name: 'topic', hidden: true } }],
    ['of a node that is turned off', { off: true, input: { name: 'topic' } }],
    ['taken back', { input: undefined }],
  ])('is not asked for one that is %s', async (_, data) => {
    mark(data);
    await state().runWorkflow();
    expect([started, state().isAsking]).toEqual([[{ mode: 'all' }], false]);
  });

  test('is not asked for a field of that name of a node that holds no value', async () => {
    state().addNode('delay', { x: 0, y: 0 }, { input: { name: 'topic' } });
    await state().runWorkflow();
    expect([started, state().isAsking]).toEqual([[{ mode: 'all' }], false]);
  });

  test('a refusal that the form takes is no message, another one is', async () => {
    mark({ input: { name: 'topic' } });
    startRun = () => Promise.reject(new Error('No.'));
    await state().runWithInputs({}, () => true);
    expect(toasts).toEqual([]);
    await state().runWithInputs({}, () => false);
    expect(toasts.map(({ title }) => title)).toEqual(['The run could not start']);
  });
});
