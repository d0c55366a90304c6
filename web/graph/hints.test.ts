import { expect, test } from '@jest/globals';
import { starterTemplate } from '../../core/templates/starter.ts';
import { fromGraph } from './canvas-graph.ts';
import { hasHints, withModel, withoutHintOfRun } from './hints.ts';

const { nodes } = fromGraph(starterTemplate.graph);
const notesOf = (all: typeof nodes) => all.filter(({ type }) => type === 'note').map(({ id }) => id);

test('each hint of the starter is gone for good once it was of use', () => {
  expect(notesOf(nodes)).toEqual(['press-run', 'change', 'turn-on']);
  const afterFirst = withoutHintOfRun(nodes)!;
  expect(notesOf(afterFirst)).toEqual(['change', 'turn-on']);
  const afterSecond = withoutHintOfRun(afterFirst)!;
  expect(notesOf(afterSecond)).toEqual(['turn-on']);
  expect(withoutHintOfRun(afterSecond)).toBeNull();
  expect(hasHints(afterSecond)).toBe(true);
  const withKey = withModel(afterSecond, 'a-model')!;
  expect(notesOf(withKey)).toEqual([]);
  expect(hasHints(withKey)).toBe(false);
});

test('a node that waits for a model is turned on with it, and no other one', () => {
  const llm = (id: string, data: object) => ({
    id,
    type: 'llm',
    position: { x: 0, y: 0 },
    data: { model: 'x', ...data },
  });
  const [waiting, off] = withModel([llm('a', { off: true, offUntil: 'model' }), llm('b', { off: true })], 'a-model')!;
  expect(waiting!.data).toEqual({ model: 'a-model' });
  expect(off!.data).toEqual({ model: 'x', off: true });
  expect(withModel([llm('b', { off: true })], 'a-model')).toBeNull();
});
