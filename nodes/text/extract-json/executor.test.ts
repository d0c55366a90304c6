import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { extractJsonNode } from './definition.ts';
import { extractJsonExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const data = {
  title: 'Shop',
  items: [
    { name: 'apple', price: 3, tags: ['red'] },
    { name: 'pear', price: 12, tags: [] },
  ],
  'a/b': { '~': 'odd' },
  none: null,
};

const found = async (expression: string, input: unknown = data, more: object = {}) =>
  (await runs.run(extractJsonExecutor, { expression, ...more }, { data: input as string }))['output'];

/** `times` within each other, around `items`. */
function nested(times: number, around: (inner: string) => string): string {
  return Array.from({ length: times }).reduce<string>(around, 'items');
}

test.each([
  ['title', 'Shop'],
  ['items[0].name', 'apple'],
  ['items[*].name', ['apple', 'pear']],
  ['items[?price > `10`].name | [0]', 'pear'],
  ['length(items)', 2],
  ['items[0].{what: name, cost: price}', { what: 'apple', cost: 3 }],
  ['sort_by(items, &price)[-1].price', 12],
  ['items[1].tags', []],
  ['/items/1/name', 'pear'],
  ['/a~1b/~0', 'odd'],
  ['"a/b"', { '~': 'odd' }],
])('%s', async (expression, expected) => {
  expect(await found(expression)).toEqual(expected);
});

test.each([
  ['items[*].price', 'text', '[\n  3,\n  12\n]'],
  ['length(items)', 'text', '2'],
  ['title', 'text', 'Shop'],
  ['items[*].name', 'list', ['apple', 'pear']],
  ['items[0]', 'list', [data.items[0]]],
  ['/none', 'list', []],
  ['/none', 'text', null],
] as const)('%s as %s', async (expression, as, expected) => {
  expect(await found(expression, data, { as })).toEqual(expected);
  const { outputs } = extractJsonNode.handles!(extractJsonNode.configSchema.parse({ expression, as }));
  expect(outputs).toMatchObject([{ id: 'output', dataType: as === 'list' ? 'list<json>' : as }]);
});

test('text that is JSON is data, also in a fenced block', async () => {
  expect(await found('title', JSON.stringify(data))).toBe('Shop');
  expect(await found('/title', `\`\`\`json\n${JSON.stringify(data)}\n\`\`\``)).toBe('Shop');
});

describe('nothing', () => {
  test.each([
    'items[5]',
    'absent.deep',
    '/items/2',
    '/items/01',
    '/items/length',
    '/title/0',
    'none',
    '/toString',
    'constructor',
  ])('is at %s, and that is an error unless it is allowed', async (expression) => {
    const expected: unknown = expect.stringContaining('finds nothing in the data');
    if (expression !== 'none') {
      await expect(found(expression)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expected });
    }
    expect(await found(expression, data, { missing: 'null' })).toBeNull();
  });

  test('that the data itself says is a value to a pointer', async () => {
    expect(await found('/none')).toBeNull();
  });
});

describe('what cannot be read is said', () => {
  test.each([
    ['', 'There is no expression'],
    ['items[', 'The expression cannot be read: Expected Star, got: EOF'],
    ['a ~ b', 'Unknown character:~'],
    ['/a~2', 'In a JSON pointer "~" is written "~0"'],
    [Array.from({ length: 40 }, () => '[@,@][]').join('|'), 'multiplies its data too often'],
    [nested(14, (inner) => `map(&[@,@][], ${inner})`), 'multiplies its data too often'],
    [nested(14, (inner) => `to_string([${inner}])`), 'multiplies its data too often'],
  ])('%s, before a run', (expression, message) => {
    const problems = extractJsonNode.check?.(extractJsonNode.configSchema.parse({ expression }), new Set());
    expect(problems?.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['length(`5`)', 'length() expected argument 1 to be type string,array,object but received type number'],
    ['sort_by(items, &tags[0])', 'expected string, received null'],
    ['shout(title)', 'Unknown function: shout()'],
  ])('%s, by its data', async (expression, message) => {
    const expected: unknown = expect.stringContaining(message);
    await expect(found(expression)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expected });
  });

  test('copies of much data, which are fine of little', async () => {
    const expression = Array.from({ length: 8 }, () => '[@,@][]').join('|');
    expect(await found(expression, [1])).toHaveLength(256);
    await expect(found(expression, ['x'.repeat(100_000)])).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      message: expect.stringContaining('too often for so much data'),
    });
  });

  test('a text from much data between many others; from little, or written down, it is fine', async () => {
    const list = { glue: ' and ', words: ['a', 'b'] };
    expect(await found('join(glue, words)', list)).toBe('a and b');
    expect(await found("join(' or ', words)", { ...list, glue: 'x'.repeat(20_000) })).toBe('a or b');
    await expect(found('join(glue, words)', { ...list, glue: 'x'.repeat(20_000) })).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
      message: expect.stringContaining('too often for so much data'),
    });
  });

  test('nothing of data that is written into the expression', async () => {
    expect(await found('items[?name != `null`].name | [0]')).toBe('apple');
  });

  test('text that is no JSON, and no input at all', async () => {
    await expect(found('a', 'not json')).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(runs.run(extractJsonExecutor, { expression: 'a' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
