import { expect, test } from '@jest/globals';
import { cureOf } from './cure.ts';

test('what is wrong with a key, a budget or the room for files leads to the page where that is put right', () => {
  expect(cureOf('PROVIDER_NOT_CONFIGURED')).toMatchObject({ kind: 'page', path: '/settings#your-provider-keys' });
  expect(cureOf('BUDGET_EXCEEDED')).toMatchObject({ kind: 'page', path: '/settings#budgets' });
  expect(cureOf('DISK_LOW')).toMatchObject({ kind: 'page', path: '/settings#files' });
});

test('what is wrong with a node leads to its settings, in words of what to do there', () => {
  expect(cureOf('PROVIDER_MODEL_NOT_FOUND')).toEqual({ kind: 'node', label: 'Choose a model' });
  expect(cureOf('PROVIDER_TRUNCATED')).toEqual({ kind: 'node', label: 'Raise the limit' });
});

test('where nothing has to change, the node is run again alone', () => {
  const again = { kind: 'again', label: 'Run this alone' };
  expect([cureOf('PROVIDER_OVERLOADED'), cureOf(null)]).toEqual([again, again]);
});
