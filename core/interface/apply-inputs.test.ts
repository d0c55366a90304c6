import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { nodeOf } from '../../testing/graphs.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { applyInputs } from './apply-inputs.ts';
import { inputsOfRun, outputsOfRun } from './run-values.ts';

const assetId = '0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000';
const graphWith = (...nodes: GraphNode[]): Graph => ({ nodes, edges: [] });
const apply = (graph: Graph, given: object, isWhole = true) =>
  applyInputs(graph, nodeCatalogue, given as Record<string, unknown>, isWhole);
const dataOf = (graph: Graph, id: string) => graph.nodes.find((node) => node.id === id)!.data;

const topic = nodeOf('t', 'text', { label: 'Topic', text: 'own', input: { name: 'topic' } });
const needed = nodeOf('t', 'text', { text: 'own', input: { name: 'topic', required: true } });
const preset = nodeOf('t', 'text', { text: 'own', input: { name: 'topic', required: true, default: 'preset' } });

describe('the value of an input', () => {
  test('is what was given, else its default, else what the node holds', () => {
    expect(dataOf(apply(graphWith(preset), { topic: 'given' }).graph, 't')).toMatchObject({ text: 'given' });
    expect(dataOf(apply(graphWith(preset), {}).graph, 't')).toMatchObject({ text: 'preset' });
    expect(dataOf(apply(graphWith(topic), {}).graph, 't')).toMatchObject({ text: 'own' });
  });

  test('leaves the graph that it was given for as it was, and its mark in the new one', () => {
    const graph = graphWith(topic);
    const { graph: changed } = apply(graph, { topic: 'given' });
    expect(graph.nodes[0]!.data).toMatchObject({ text: 'own' });
    expect(dataOf(changed, 't')).toMatchObject({ label: 'Topic', input: { name: 'topic' } });
    expect(apply(graph, {}).graph).toBe(graph);
  });

  test('of a file is the id of an uploaded one or an address; the other place is emptied', () => {
    const photo = nodeOf('i', 'image', { image: 'https://old.example/x.png', input: { name: 'photo' } });
    const byId = apply(graphWith(photo), { photo: assetId });
    expect(dataOf(byId.graph, 'i')).toEqual({
      input: { name: 'photo' },
      file: { url: `/api/assets/${assetId}/content`, name: '', type: '' },
    });
    expect(byId.assets).toMatchObject([{ assetId, input: { name: 'photo' } }]);
    expect(apply(graphWith(photo), { photo: `/api/assets/${assetId}/content` }).assets).toHaveLength(1);
    const file = nodeOf('i', 'image', { file: { url: '/api/assets/old' }, input: { name: 'photo' } });
    expect(dataOf(apply(graphWith(file), { photo: 'https://example.com/a.png' }).graph, 'i')).toEqual({
      input: { name: 'photo' },
      image: 'https://example.com/a.png',
    });
  });
});

describe('the value of a list', () => {
  const photos = nodeOf('l', 'list', {
    type: 'image',
    items: ['https://old.example/x.png'],
    input: { name: 'photos', formats: ['image/png'] },
  });
  const words = nodeOf('l', 'list', { type: 'number', items: [1], input: { name: 'sizes', min: 0 } });

  test('takes the place of all its items; files are given by id or address', () => {
    const given = ['https://example.com/a.png', assetId, `/api/assets/${assetId}/content`];
    const { graph, assets, findings } = apply(graphWith(photos), { photos: given });
    expect(findings).toEqual([]);
    expect(dataOf(graph, 'l')['items']).toEqual([given[0], given[2], given[2]]);
    expect(assets).toMatchObject([{ assetId }, { assetId }]);
    expect(dataOf(apply(graphWith(words), { sizes: [] }).graph, 'l')['items']).toEqual([]);
  });

  test.each([
    [words, { sizes: 3 }, 'Give a list of numbers, not a number.'],
    [words, { sizes: [1, 'two'] }, 'Element 2 of the list: Give a number, not text.'],
    [words, { sizes: [1, -1] }, 'Element 2 of the list: Give at least 0, not -1.'],
    [photos, { photos: ['nowhere'] }, 'Element 1 of the list: Give the id of an uploaded file'],
  ])('is refused where an element does not fit: %#', (node, given, words_) => {
    expect(apply(graphWith(node), given).findings).toMatchObject([
      { code: 'RUN_INPUT_INVALID', message: expect.stringContaining(words_) as unknown },
    ]);
  });
});

describe('what is refused', () => {
  test('a required input that is missing, unless only a part runs', () => {
    expect(apply(graphWith(needed), {}).findings).toMatchObject([
      { code: 'RUN_INPUT_MISSING', path: 'inputs.topic', nodeIds: ['t'] },
    ]);
    expect(apply(graphWith(needed), {}, false).findings).toEqual([]);
    expect(dataOf(apply(graphWith(needed), {}, false).graph, 't')).toMatchObject({ text: 'own' });
  });

  test('a file or a choice that nothing stands in for', () => {
    const choice = nodeOf('c', 'choice', { value: 'gone', options: ['a'], input: { name: 'shape' } });
    const photo = nodeOf('i', 'image', { input: { name: 'photo' } });
    expect(apply(graphWith(choice, photo), {}).findings.map(({ path }) => path)).toEqual([
      'inputs.shape',
      'inputs.photo',
    ]);
  });

  test.each([
    ['another name', { Topic: 'x' }, 'inputs.Topic', 'Write it as "topic".'],
    ['a member of every object', { toString: 'x' }, 'inputs.toString', 'Give some of: topic.'],
    ['an own __proto__', JSON.parse('{"__proto__":{"topic":"x"}}') as object, 'inputs.__proto__', 'has no input'],
  ])('%s', (_what, given, path, words) => {
    const { findings } = apply(graphWith(topic), given);
    expect(findings).toMatchObject([{ code: 'RUN_INPUT_UNKNOWN', path }]);
    expect(findings[0]!.message).toContain(words);
  });

  const number = { value: 0, input: { name: 'v', min: 1, max: 9, integer: true } };
  const rules = { type: 'object', properties: { size: { type: 'array', items: { type: 'integer' } } } };
  test.each([
    ['text', { text: '', input: { name: 'v' } }, 5, 'Give text, not a number.'],
    ['text', { text: '', input: { name: 'v', maxLength: 2 } }, 'abc', 'at most 2 characters'],
    ['text', { text: '', input: { name: 'v' } }, null, 'not null'],
    ['number', number, '5', 'Give a number, not text.'],
    ['number', number, 0, 'at least 1'],
    ['number', number, 10, 'at most 9'],
    ['number', number, 1.5, 'whole number'],
    ['boolean', { input: { name: 'v' } }, 'true', 'Give true or false, not text.'],
    ['boolean', { input: { name: 'v' } }, 0, 'not a number'],
    ['choice', { options: ['a', 'b'], input: { name: 'v' } }, 'c', 'Give one of: "a", "b".'],
    ['json', { input: { name: 'v', schema: rules } }, { size: [1, 'x'] }, '.size[1] is not of the type integer'],
    ['image', { input: { name: 'v' } }, { assetId }, 'not an object'],
    ['image', { input: { name: 'v' } }, 'photo.png', 'not "photo.png"'],
    ['image', { input: { name: 'v' } }, 'file:///etc/passwd', 'Give the id of an uploaded file'],
    ['image', { input: { name: 'v' } }, 'data:video/mp4;base64,AAAA', 'another type'],
    ['image', { input: { name: 'v' } }, `https://example.com/${'a'.repeat(5_000)}`, 'at most 4096 characters'],
  ])('a wrong value for %s %j: %j', (type, data, value, words) => {
    const { findings, graph } = apply(graphWith(nodeOf('n', type, data)), { v: value });
    expect(findings).toMatchObject([{ code: 'RUN_INPUT_INVALID', path: 'inputs.v', nodeIds: ['n'] }]);
    expect(findings[0]!.message).toContain(words);
    expect(dataOf(graph, 'n')).toEqual(data);
  });
});

describe('a run by name', () => {
  const nodes = [
    nodeOf('t', 'text', { text: 'given', input: { name: 'topic' } }),
    nodeOf('i', 'image', { file: { url: `/api/assets/${assetId}/content` }, input: { name: 'photo' } }),
    nodeOf('o', 'output', { name: 'copy' }),
    nodeOf('p', 'output', { name: 'later' }),
  ];

  test('has the values that its graph was frozen with', () => {
    expect(inputsOfRun(nodes, nodeCatalogue)).toEqual({ topic: 'given', photo: `/api/assets/${assetId}/content` });
  });

  test('has the outputs that are there', () => {
    expect(outputsOfRun(nodes, (id) => (id === 'o' ? { output: 'words' } : null))).toEqual({ copy: 'words' });
  });
});
