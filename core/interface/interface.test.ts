import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { edgeOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import { defaultGraphLimits } from '../graph/limits.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { interfaceOf } from './json-schema.ts';

const textInput = (id: string, input: unknown, data: object = {}) =>
  nodeOf(id, 'text', { text: 'own', ...data, input });

const graphWith = (...nodes: GraphNode[]): Graph => ({ nodes, edges: [] });
const findings = (...nodes: GraphNode[]) =>
  validateGraph(graphWith(...nodes), nodeCatalogue, defaultGraphLimits).map(({ code, path, message, nodeIds }) => ({
    code,
    path,
    message,
    nodeIds,
  }));

test('lists are arrays, in and out', () => {
  const nodes = [
    nodeOf('l', 'list', { type: 'image', input: { name: 'photos', maxBytes: 9 } }),
    nodeOf('t', 'list', { items: ['a'], input: { name: 'words' } }),
    nodeOf('c', 'cropImage'),
    nodeOf('p', 'pick'),
    nodeOf('o', 'output', { name: 'cropped' }),
    nodeOf('q', 'output', { name: 'some' }),
  ];
  const edges = [
    edgeOf('l', 'c', { targetHandle: 'image_url' }),
    edgeOf('c', 'o', { targetHandle: 'value' }),
    edgeOf('t', 'p', { targetHandle: 'items' }),
    edgeOf('p', 'q', { targetHandle: 'value' }),
  ];
  const { inputs, outputs } = interfaceOf({ nodes, edges }, nodeCatalogue, sha256);
  expect(inputs['properties']).toEqual({
    photos: {
      type: 'array',
      items: { type: 'string', format: 'uri-reference', control: 'file', dataType: 'image', maxBytes: 9 },
      control: 'files',
      dataType: 'list<image>',
      title: 'photos',
    },
    words: {
      type: 'array',
      items: { type: 'string', control: 'textarea' },
      control: 'lines',
      dataType: 'list<text>',
      title: 'words',
      default: ['a'],
    },
  });
  expect(inputs['required']).toEqual(['photos']);
  // A node that is executed once per element gives a list.
  expect(outputs['properties']).toMatchObject({
    cropped: { type: 'array', items: { type: 'object' }, dataType: 'list<image>' },
    some: { type: 'array', items: { type: 'string' }, dataType: 'list<text>' },
  });
});

describe('the schemas of a workflow', () => {
  const nodes = [
    textInput('t', { name: 'topic', label: 'Topic', help: 'What it is about.', required: true, maxLength: 20 }),
    nodeOf('n', 'number', { value: 3, input: { name: 'count', min: 1, max: 9, integer: true } }),
    nodeOf('b', 'boolean', { value: true, input: { name: 'loud', hidden: true } }),
    nodeOf('c', 'choice', { value: 'a', options: ['a', 'b'], input: { name: 'shape', default: 'b' } }),
    nodeOf('j', 'json', { value: { a: 1 }, input: { name: 'extra', schema: { type: 'object' } } }),
    nodeOf('i', 'image', { input: { name: 'photo', formats: ['image/png'], maxBytes: 1_000 } }),
    nodeOf('plain', 'text', { text: 'no input' }),
    nodeOf('off', 'text', { text: 'x', off: true, input: { name: 'turned_off' } }),
    nodeOf('o', 'output', { name: 'copy', label: 'The copy' }),
    nodeOf('p', 'output', { name: 'picture', label: ' ' }),
    nodeOf('w', 'delay'),
    nodeOf('q', 'output', { name: 'later' }),
  ];
  const edges = [
    edgeOf('t', 'o', { targetHandle: 'value' }),
    edgeOf('i', 'p', { targetHandle: 'value' }),
    edgeOf('t', 'w'),
    edgeOf('w', 'q', { targetHandle: 'value' }),
  ];
  const { inputs, outputs, hash } = interfaceOf({ nodes, edges }, nodeCatalogue, sha256);

  test('say of each input what it takes, in the order of the graph', () => {
    expect(inputs).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      // A picture that is not there yet has to be given; a text of its own would do, were it not required.
      required: ['topic', 'photo'],
      properties: {
        topic: {
          type: 'string',
          maxLength: 20,
          control: 'textarea',
          title: 'Topic',
          description: 'What it is about.',
        },
        count: { type: 'integer', minimum: 1, maximum: 9, control: 'number', exact: true, title: 'count', default: 3 },
        loud: { type: 'boolean', control: 'switch', title: 'loud', hidden: true, default: true },
        shape: { type: 'string', enum: ['a', 'b'], control: 'select', title: 'shape', default: 'b' },
        extra: { type: 'object', control: 'json', title: 'extra', default: { a: 1 } },
        photo: {
          type: 'string',
          format: 'uri-reference',
          control: 'file',
          dataType: 'image',
          formats: ['image/png'],
          maxBytes: 1_000,
          title: 'photo',
        },
      },
    });
    expect(Object.keys(inputs['properties'] as object)).toEqual(['topic', 'count', 'loud', 'shape', 'extra', 'photo']);
  });

  test('say of each output what it gives: a file, text, or anything', () => {
    expect(outputs).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        copy: { type: 'string', title: 'The copy', dataType: 'text' },
        picture: { type: 'object', title: 'picture', dataType: 'image', required: expect.arrayContaining(['assetId']) },
        later: { title: 'later', dataType: 'any' },
      },
    });
  });

  test('have a hash that stays while both do', () => {
    const moved = nodes.map((node) => ({ ...node, position: { x: 9, y: 9 } }));
    expect(interfaceOf({ nodes: moved, edges }, nodeCatalogue, sha256).hash).toBe(hash);
    expect(interfaceOf({ nodes: nodes.slice(1), edges }, nodeCatalogue, sha256).hash).not.toBe(hash);
  });

  test('of a workflow without any are empty objects that take nothing', () => {
    const empty = interfaceOf(graphWith(nodeOf('a', 'text')), nodeCatalogue, sha256);
    expect(empty.inputs).toMatchObject({ properties: {}, additionalProperties: false });
    expect(empty.inputs).not.toHaveProperty('required');
    expect(empty.outputs).toMatchObject({ properties: {} });
  });
});

describe('a mark that does not hold is found where it is', () => {
  test.each([
    ['no name', {}, 'nodes[0].data.input.name'],
    ['an empty name', { name: '' }, 'nodes[0].data.input.name'],
    ['a name with a blank', { name: 'my topic' }, 'nodes[0].data.input.name'],
    ['a name of a prototype', { name: '__proto__' }, 'nodes[0].data.input.name'],
    ['a name that no body may use', { name: 'constructor' }, 'nodes[0].data.input.name'],
    ['a long name', { name: 'a'.repeat(65) }, 'nodes[0].data.input.name'],
    ['no object', 'topic', 'nodes[0].data.input'],
    ['a default of another type', { name: 'topic', default: 5 }, 'nodes[0].data.input.default'],
    ['a required word that is no yes or no', { name: 'topic', required: 'yes' }, 'nodes[0].data.input.required'],
    [
      'hidden, required and without a default',
      { name: 'a', hidden: true, required: true },
      'nodes[0].data.input.hidden',
    ],
  ])('%s', (_what, input, path) => {
    expect(findings(textInput('a', input))).toMatchObject([{ code: 'NODE_DATA_INVALID', path, nodeIds: ['a'] }]);
  });

  test('limits that exclude each other, formats of another type, a schema that could take for ever', () => {
    expect(findings(nodeOf('n', 'number', { value: 1, input: { name: 'n', min: 5, max: 1 } }))).toMatchObject([
      { path: 'nodes[0].data.input.min' },
    ]);
    expect(findings(nodeOf('i', 'image', { input: { name: 'i', formats: ['image/png', 'video/mp4'] } }))).toMatchObject(
      [{ path: 'nodes[0].data.input.formats.1' }],
    );
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '(a+)+$' } } };
    expect(findings(nodeOf('j', 'json', { value: {}, input: { name: 'j', schema } }))).toMatchObject([
      { path: expect.stringContaining('nodes[0].data.input.schema') },
    ]);
  });

  test('on a node that holds no value', () => {
    expect(findings(nodeOf('d', 'delay', { input: { name: 'x' } }))).toMatchObject([{ path: 'nodes[0].data.input' }]);
    // What was kept there before there were inputs is nobody's mark.
    expect(findings(nodeOf('d', 'delay', { input: 'kept' }))).toEqual([]);
  });

  test.each([
    ['the same', 'topic', '"topic"'],
    ['told apart by case alone', 'Topic', '"topic" and "Topic", which differ in case only'],
  ])('two inputs whose names are %s', (_what, name, words) => {
    const found = findings(textInput('a', { name: 'topic' }), textInput('b', { name }));
    expect(found).toMatchObject([{ path: 'nodes[1].data.input.name', nodeIds: ['a', 'b'] }]);
    expect(found[0]!.message).toContain(words);
  });

  test('two outputs of one name, or one without a proper name; an input and an output may share one', () => {
    const output = (id: string, name: unknown) => nodeOf(id, 'output', { name });
    expect(findings(output('a', 'result'), output('b', 'Result'))).toMatchObject([
      { path: 'nodes[1].data.name', nodeIds: ['a', 'b'] },
    ]);
    expect(findings(output('a', 'not a name'))).toMatchObject([{ path: 'nodes[0].data.name' }]);
    expect(findings(output('a', 'topic'), textInput('b', { name: 'topic' }))).toEqual([]);
  });

  test('null and undefined are no marks', () => {
    expect(findings(textInput('a', null), textInput('b', undefined))).toEqual([]);
  });
});
