import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineNode, type AnyNodeDefinition } from '../node-type/definition.ts';
import { configOf, currentData } from './config.ts';

const renamed = defineNode({
  type: 'renamed',
  version: 3,
  title: 'Renamed',
  description: 'Has had two other forms.',
  category: 'flow',
  icon: 'box',
  inputs: [],
  outputs: [{ id: 'output', title: 'Output', dataType: 'text' }],
  configSchema: z.object({ words: z.string() }),
  defaults: { words: '' },
  migrate: (data, fromVersion) => {
    const { text, words = text, ...rest } = data;
    return { ...rest, words: fromVersion < 2 ? String(words).trim() : words };
  },
  costClass: () => 'inline',
  isDeterministic: () => true,
}) as unknown as AnyNodeDefinition;

const nodeOf = (data: Record<string, unknown>, typeVersion?: number) => ({
  id: 'n',
  type: 'renamed',
  position: { x: 0, y: 0 },
  data,
  ...(typeVersion !== undefined && { typeVersion }),
});

describe('the data of a saved node', () => {
  test('of an earlier version is read as the newest one has it', () => {
    expect(configOf(new Map(), renamed, nodeOf({ text: ' a ' }))).toEqual({ words: 'a' });
    expect(configOf(new Map(), renamed, nodeOf({ text: ' a ' }, 2))).toEqual({ words: ' a ' });
  });

  test('of the newest version, and of a later one, is left as it is', () => {
    for (const version of [3, 4]) {
      const node = nodeOf({ words: ' a ' }, version);
      expect(currentData(renamed, node)).toBe(node.data);
    }
  });

  test('is left as it is where its type has nothing to migrate', () => {
    const node = nodeOf({ words: 'a' }, 1);
    expect(currentData({ ...renamed, migrate: undefined } as unknown as AnyNodeDefinition, node)).toBe(node.data);
  });
});
