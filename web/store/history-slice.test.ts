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
      workflow.now += 100;
      state().updateNodeData(id, { text });
    }
    workflow.now += 5_000;
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
