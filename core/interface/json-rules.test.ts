import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { jsonMismatch, jsonRulesSchema, type JsonRules } from './json-rules.ts';

test.each<[JsonRules, unknown, string | null]>([
  [{}, { anything: [1, null] }, null],
  [{ type: 'integer' }, 1.5, 'the value is not of the type integer'],
  [{ type: ['string', 'null'] }, null, null],
  [{ type: ['string', 'null'] }, 1, 'the value is not of the type string or null'],
  [{ type: 'array' }, {}, 'the value is not of the type array'],
  [{ type: 'object' }, [], 'the value is not of the type object'],
  [{ enum: [{ a: 1 }, 2] }, { a: 1 }, null],
  [{ enum: [1, '2'] }, 2, 'the value is none of 1, "2"'],
  [{ const: { b: 1, a: 2 } }, { a: 2, b: 1 }, null],
  [{ const: 1 }, '1', 'the value is not 1'],
  [{ minimum: 1, maximum: 2 }, 0, 'the value is less than 1'],
  [{ minimum: 1, maximum: 2 }, 3, 'the value is more than 2'],
  [{ exclusiveMinimum: 1 }, 1, 'the value is not more than 1'],
  [{ exclusiveMaximum: 1 }, 1, 'the value is not less than 1'],
  [{ minLength: 2 }, 'ä', 'the value has fewer than 2 characters'],
  [{ maxItems: 1 }, [1, 2], 'the value has more than 1 items'],
  [{ properties: { a: { items: { type: 'string' } } } }, { a: ['x', 1] }, '.a[1] is not of the type string'],
  [{ required: ['a'] }, {}, '.a is missing'],
  [{ required: ['toString'] }, {}, '.toString is missing'],
  [{ properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 }, '.b is not known'],
  [{ properties: {}, additionalProperties: false }, { constructor: 1 }, '.constructor is not known'],
  [{ additionalProperties: { type: 'number' } }, { b: 'x' }, '.b is not of the type number'],
])('%j holds %j to be: %s', (rules, value, expected) => {
  expect(jsonRulesSchema.safeParse(rules).success).toBe(true);
  expect(jsonMismatch(rules, value)).toBe(expected);
});

function nested(levels: number): JsonRules {
  return levels === 0 ? {} : { properties: { a: nested(levels - 1) } };
}

test.each([
  ['a pattern', { type: 'string', pattern: '(a+)+$' }],
  ['a reference', { $ref: '#' }],
  ['a type that is none', { type: 'date' }],
  ['many levels', nested(9)],
  ['a list', []],
])('a schema with %s is none that values are held against', (_what, schema) => {
  expect(jsonRulesSchema.safeParse(schema).success).toBe(false);
});

test('eight levels are enough for anybody', () => {
  expect(jsonRulesSchema.safeParse(nested(8)).success).toBe(true);
});

test('what is wrong is told by its place, however deep', () => {
  const rules = { properties: { size: { items: { type: 'date', additionalProperties: [] } } } };
  expect(jsonRulesSchema.safeParse(rules).error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'properties.size.items.type',
    'properties.size.items.additionalProperties',
  ]);
});

test('its own JSON Schema is short, though rules hold rules', () => {
  expect(JSON.stringify(z.toJSONSchema(jsonRulesSchema, { io: 'input' })).length).toBeLessThan(3_000);
});
