import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../../../core/graph/graph.ts';
import { interfaceOf } from '../../../core/interface/json-schema.ts';
import { nodeDefinitions } from '../../../nodes/definitions.ts';
import { ApiError } from '../../api/api-error.ts';
import { askedInputs, errorsByName, firstValues, keptFrom, readForm } from './input-form.ts';
import { createInputStore } from './kept-inputs.ts';

const catalogue = new Map(nodeDefinitions.map((definition) => [definition.type, definition]));

function askedOf(...nodes: readonly (readonly [type: string, data: Record<string, unknown>])[]) {
  const graph: Graph = {
    nodes: nodes.map(([type, data], index) => ({ id: `n${index}`, type, position: { x: 0, y: 0 }, data })),
    edges: [],
  };
  return askedInputs(interfaceOf(graph, catalogue, () => '').inputs);
}

const asked = askedOf(
  ['text', { text: 'a cat', input: { name: 'topic', label: 'Topic', help: 'What it is about' } }],
  ['text', { text: 'own', input: { name: 'label', required: true, long: false } }],
  ['number', { value: 3, input: { name: 'count', min: 1, max: 9, integer: true } }],
  ['boolean', { value: true, input: { name: 'loud' } }],
  ['choice', { options: ['red', 'blue'], value: 'red', input: { name: 'color' } }],
  ['json', { value: { a: 1 }, input: { name: 'extra' } }],
  ['image', { image: 'https://example.com/a.png', input: { name: 'photo' } }],
  ['text', { text: 'not asked', input: { name: 'secret', hidden: true } }],
);

describe('the form of the inputs of a run', () => {
  test('asks for each input that is not hidden, also one called label, as what it is', () => {
    expect(asked.map(({ field, isRequired }) => [field.name, field.control, isRequired])).toEqual([
      ['topic', 'textarea', false],
      ['label', 'text', true],
      ['count', 'number', false],
      ['loud', 'switch', false],
      ['color', 'select', false],
      ['extra', 'json', false],
      ['photo', 'file', false],
    ]);
    expect(asked[0]!.field).toMatchObject({ title: 'Topic', description: 'What it is about', defaultValue: 'a cat' });
  });

  test('begins with the values of the workflow, and gives only what was changed', () => {
    const values = firstValues(asked, {});
    expect(values).toMatchObject({ topic: 'a cat', label: undefined, count: '3', loud: true, color: 'red' });
    expect(readForm(asked, { ...values, label: 'x' })).toEqual({ inputs: { label: 'x' }, errors: {} });
    expect(readForm(asked, { ...values, label: 'x', topic: '', count: '-4,5', loud: false, extra: '[null]' })).toEqual({
      inputs: { label: 'x', topic: '', count: -4.5, loud: false, extra: [null] },
      errors: {},
    });
  });

  test('leaves the workflow its own value where a field is emptied', () => {
    const values = { ...firstValues(asked, {}), label: 'x', count: ' ', extra: '', photo: undefined };
    expect(readForm(asked, values)).toEqual({ inputs: { label: 'x' }, errors: {} });
  });

  test('tells what is missing, and what is no number or no JSON, at its field', () => {
    const values = firstValues(asked, {});
    const { inputs, errors } = readForm(asked, { ...values, count: 'many', extra: '{', topic: 'kept' });
    expect(Object.keys(errors)).toEqual(['label', 'count', 'extra']);
    expect(errors['label']).toBe('This input is required. Enter a value.');
    expect(errors['count']).toContain('not a number');
    expect(inputs).toEqual({ topic: 'kept' });
  });

  test('a required switch is off, and is given all the same', () => {
    const [input] = askedOf(['boolean', { value: true, input: { name: 'sure', required: true } }]);
    expect(readForm([input!], firstValues([input!], {}))).toEqual({ inputs: { sure: false }, errors: {} });
  });

  test('begins with the values of the last time, but for those that the workflow has changed or that do not fit', () => {
    const kept = keptFrom(asked, { topic: 'a dog', label: 'x', color: 'blue', count: 5, extra: { b: 2 } });
    expect(firstValues(asked, kept)).toMatchObject({ topic: 'a dog', label: 'x', color: 'blue', count: '5' });
    expect(JSON.parse(String(firstValues(asked, kept)['extra']))).toEqual({ b: 2 });
    const changed = askedOf(
      ['text', { text: 'a bird', input: { name: 'topic' } }],
      ['choice', { options: ['red', 'green'], value: 'red', input: { name: 'color' } }],
      ['text', { text: 'text now', input: { name: 'count' } }],
    );
    expect(firstValues(changed, kept)).toEqual({ topic: 'a bird', color: 'red', count: 'text now' });
  });

  test('takes what the server says of its fields, and nothing that is said of others as well', () => {
    const refusal = (...errors: { code: string; message: string; path?: string }[]) =>
      new ApiError(422, 'RUN_INPUT_INVALID', 'No.', {
        type: 'about:blank',
        title: 'Unprocessable',
        status: 422,
        detail: 'No.',
        instance: '/',
        code: 'RUN_INPUT_INVALID',
        requestId: 'r',
        errors,
      });
    const atField = { code: 'RUN_INPUT_INVALID', message: 'Too long.', path: 'inputs.topic' };
    expect(errorsByName(asked, refusal(atField))).toEqual({ topic: 'Too long.' });
    expect(errorsByName(asked, refusal(atField, { code: 'NODE_DATA_INVALID', message: 'Also.' }))).toBeNull();
    expect(errorsByName(asked, refusal())).toBeNull();
    expect(errorsByName(asked, new Error('Offline.'))).toBeNull();
  });
});

describe('what is remembered in the browser', () => {
  function storageWith(entries: Map<string, string>): Storage {
    return {
      length: 0,
      clear: () => entries.clear(),
      key: () => null,
      getItem: (key) => entries.get(key) ?? null,
      setItem: (key, value) => {
        if (value.includes('no room')) throw new DOMException('Full', 'QuotaExceededError');
        entries.set(key, value);
      },
      removeItem: (key) => void entries.delete(key),
    };
  }

  test('is of one workflow and one account', () => {
    const storage = storageWith(new Map());
    createInputStore(storage, 'ann', 1).write({ topic: { value: 'a dog', own: 'a cat' } });
    expect(createInputStore(storage, 'ann', 1).read()).toEqual({ topic: { value: 'a dog', own: 'a cat' } });
    expect(createInputStore(storage, 'ann', 2).read()).toEqual({});
    expect(createInputStore(storage, 'bob', 1).read()).toEqual({});
    createInputStore(storage, 'ann', 1).write({});
    expect(createInputStore(storage, 'ann', 1).read()).toEqual({});
  });

  test('is nothing where there is no storage, no room, or something else', () => {
    const entries = new Map<string, string>();
    const store = createInputStore(storageWith(entries), 'ann', 1);
    store.write({ topic: { value: 'no room', own: '' } });
    expect(store.read()).toEqual({});
    store.write({ topic: { value: 'x'.repeat(60_000), own: '' } });
    expect(entries.size).toBe(0);
    for (const text of ['{', '[]', '{"topic":1}']) {
      entries.set('heddle.inputs.ann.1', text);
      expect(store.read()).toEqual({});
    }
    createInputStore(null, '', 1).write({ topic: { value: 1 } });
    expect(createInputStore(null, '', 1).read()).toEqual({});
  });
});
