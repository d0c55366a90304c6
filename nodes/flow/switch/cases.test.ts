import { expect, test } from '@jest/globals';
import { draftCasesOf, movedUp, withChange, withNewCase } from './cases.ts';
import { switchNode } from './definition.ts';

const two = [
  { id: 'case1', operator: 'is', operand: 'a' },
  { id: 'case3', operator: 'is', operand: 'b', expression: 'value == "b"' },
];

test('a new case has an id that is free, and can be saved', () => {
  const three = withNewCase(two);
  expect(three.map(({ id }) => id)).toEqual(['case1', 'case3', 'case4']);
  expect(switchNode.configSchema.safeParse({ cases: three }).success).toBe(true);
});

test('a change keeps the id and the others, and what is undefined goes', () => {
  const [first, second] = withChange(two, 'case3', { operator: 'isEmpty', expression: undefined, id: 'other' });
  expect(first).toBe(two[0]);
  expect(second).toEqual({ id: 'case3', operator: 'isEmpty', operand: 'b' });
});

test('a case moves up, and the first one nowhere', () => {
  expect(movedUp(two, 'case3').map(({ id }) => id)).toEqual(['case3', 'case1']);
  expect(movedUp(two, 'case1')).toBe(two);
});

test('only what can be a case is one', () => {
  expect(draftCasesOf({ cases: [{ id: 'a' }, null, 'x', { id: 3 }] })).toEqual([{ id: 'a' }]);
  expect(draftCasesOf({ cases: 'x' })).toEqual([]);
});

test('the outputs are the cases by their ids, called by label or condition, and else', () => {
  const config = switchNode.configSchema.parse({ cases: [{ ...two[0], label: 'Yes' }, two[1], { id: 'c' }] });
  expect(switchNode.handles!(config).outputs.map(({ id, title }) => [id, title])).toEqual([
    ['case1', 'Yes'],
    ['case3', 'value == "b"'],
    ['c', 'is not empty'],
    ['else', 'Else'],
  ]);
});

test.each([['else'], ['error'], ['case1']])('a case may not have the id %s of another output', (id) => {
  const parsed = switchNode.configSchema.safeParse({ cases: [two[0], { id }] });
  expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['cases', 1, 'id']]);
});
