import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { ApiError } from '../api/api-error.ts';
import { catalogueFrom } from '../graph/catalogue.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
let workflow: StoreFixture;
beforeEach(() => {
  workflow = createStoreFixture(catalogue);
});

const state = () => workflow.state();

describe('running', () => {
  test('the selection leaves notes out', async () => {
    const note = state().addNode('note', { x: 0, y: 0 });
    const text = state().addNode('text', { x: 0, y: 0 });
    state().selectNodes([note, text]);
    await state().runSelectedNodes();
    await state().runWorkflow();
    expect(workflow.started).toEqual([{ mode: 'selected', nodeIds: [text] }, { mode: 'all' }]);
  });

  test('two quick clicks start one run', async () => {
    let release = (): void => undefined;
    workflow.startRun = (body) => {
      workflow.started.push(body);
      return new Promise((resolve) => (release = resolve));
    };
    const first = state().runWorkflow();
    await state().runWorkflow();
    release();
    await first;
    expect(workflow.started).toHaveLength(1);
    expect(state().isStarting).toBe(false);
  });

  test('what the server finds wrong is put on the nodes', async () => {
    const id = state().addNode('image', { x: 0, y: 0 });
    const finding = { code: 'NODE_DATA_INVALID', message: 'No image yet.', nodeIds: [id] };
    workflow.startRun = () =>
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
    expect(workflow.toasts[0]?.kind).toBe('error');
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
    expect(workflow.started).toEqual([{ mode: 'to', nodeIds: [id] }]);
    expect(state().isAsking).toBe(true);
    await state().runWithInputs({ topic: 'b' }, () => false);
    expect(workflow.started[1]).toEqual({ mode: 'all', inputs: { topic: 'b' } });
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
    expect([workflow.started, state().isAsking]).toEqual([[{ mode: 'all' }], false]);
  });

  test('is not asked for a field of that name of a node that holds no value', async () => {
    state().addNode('delay', { x: 0, y: 0 }, { input: { name: 'topic' } });
    await state().runWorkflow();
    expect([workflow.started, state().isAsking]).toEqual([[{ mode: 'all' }], false]);
  });

  test('a refusal that the form takes is no message, another one is', async () => {
    mark({ input: { name: 'topic' } });
    workflow.startRun = () => Promise.reject(new Error('No.'));
    await state().runWithInputs({}, () => true);
    expect(workflow.toasts).toEqual([]);
    await state().runWithInputs({}, () => false);
    expect(workflow.toasts.map(({ title }) => title)).toEqual(['The run could not start']);
  });
});
