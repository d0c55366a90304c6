import { beforeAll, expect, test } from '@jest/globals';
import type * as Current from './current.ts';

let current: typeof Current;
beforeAll(async () => {
  Object.assign(globalThis, { location: { search: '?workspaceId=w1' } });
  current = await import('./current.ts');
});

test('begins in the workspace of the address, and names it where lists and new things are asked for', () => {
  expect(current.currentWorkspace()).toBe('w1');
  expect(current.inWorkspace('/api/workflows')).toBe('/api/workflows?workspaceId=w1');
  expect(current.inWorkspace('/api/waits?limit=1')).toBe('/api/waits?limit=1&workspaceId=w1');
  expect(current.inWorkspace('/api/budgets')).toBe('/api/budgets?workspaceId=w1');
  expect(current.inWorkspace('/api/secrets/TOKEN')).toBe('/api/secrets/TOKEN?workspaceId=w1');
});

test('leaves alone what has an id, and what is of the person or the installation', () => {
  for (const path of [
    '/api/workflows/1',
    '/api/workflows/1/run',
    '/api/runs/a',
    '/api/assets/a',
    '/api/me',
    '/api/keys',
  ]) {
    expect(current.inWorkspace(path)).toBe(path);
  }
});

test('tells who listens when another one is entered, and names none in one’s own', () => {
  let told = 0;
  const stop = current.onWorkspace(() => (told += 1));
  expect(current.enterWorkspace('w1')).toBe(false);
  expect(current.enterWorkspace(null)).toBe(true);
  expect(told).toBe(1);
  expect(current.inWorkspace('/api/workflows')).toBe('/api/workflows');
  stop();
  current.enterWorkspace('w2');
  expect(told).toBe(1);
});
