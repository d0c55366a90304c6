import { describe, expect, test } from '@jest/globals';
import { parseImport } from './import.ts';

const graph = {
  nodes: [{ id: 'a', type: 'text', position: { x: 0, y: 0 }, data: { text: 'x' } }],
  edges: [],
};

describe('attack 27: a file that is imported', () => {
  test.each([
    ['an export', { heddle: 'workflow', format: 1, name: 'w', ...graph }, 'w'],
    ['an export of the first versions, without a format', { heddle: 'workflow', name: 'w', ...graph }, 'w'],
    ['a bare graph', graph, null],
    ['an answer of the API', { id: 7, userId: 'user_else', version: 99, name: 'w', data: graph }, 'w'],
    ['what claims an owner in its graph', { name: 'w', data: { ...graph, userId: 'user_else', id: 7 } }, 'w'],
  ])('like %s gives a name, nodes and edges, and nothing else', (_what, file, name) => {
    expect(parseImport(JSON.stringify(file))).toEqual({ name, graph });
  });

  test('brings the settings of the workflow along', () => {
    const whole = { ...graph, settings: { runTimeoutMs: 60_000 } };
    expect(parseImport(JSON.stringify({ heddle: 'workflow', format: 1, name: 'w', ...whole }))).toEqual({
      name: 'w',
      graph: whole,
    });
  });

  test.each([
    ['no JSON', 'nodes: []', 'not a JSON file'],
    ['another kind of JSON', '{"a":1}', 'contains no workflow'],
    ['nodes that are none', '{"nodes":[1],"edges":[]}', 'contains no workflow'],
    ['the workflow from another program', '{"nodes":[],"connections":{}}', 'workflow from n8n'],
    [
      'a later format',
      JSON.stringify({ heddle: 'workflow', format: 2, name: 'w', ...graph }),
      'reads 1. Update Heddle',
    ],
  ])('that is %s is refused in words', (_what, text, words) => {
    expect(() => parseImport(text)).toThrow(words);
  });

  test('changes no prototype', () => {
    parseImport(`{"__proto__":{"polluted":true},"nodes":[],"edges":[]}`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
