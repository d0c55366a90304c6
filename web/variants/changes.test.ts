import { describe, expect, test } from '@jest/globals';
import { maxVariants } from '../../core/graph/variants.ts';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { catalogueFrom } from '../graph/catalogue.ts';
import { changesOf, isSeed, requestedChange, seedsFor, variedFieldsOf, wordsOfChange } from './changes.ts';

const llm = catalogueFrom(nodeDefinitions.map(describeNodeType)).get('llm')!;
const fields = variedFieldsOf(llm, {}, new Set());
const field = (name: string) => fields.find((each) => each.name === name)!;

describe('what is tried', () => {
  test('is every combination of the values, each as often as wanted; equal values count once', () => {
    const axes = [
      { field: field('model'), values: ['a', 'b', 'a'] },
      { field: field('temperature'), values: [0, undefined] },
    ];
    expect(changesOf(axes, 1)).toEqual([
      { model: 'a', temperature: 0 },
      { model: 'a', temperature: undefined },
      { model: 'b', temperature: 0 },
      { model: 'b', temperature: undefined },
    ]);
    expect(changesOf([axes[0]!], 2)).toEqual([{ model: 'a' }, { model: 'a' }, { model: 'b' }, { model: 'b' }]);
    expect(changesOf([], 3)).toEqual([{}, {}, {}]);
    expect(changesOf([{ field: field('model'), values: [] }], 1)).toEqual([{}]);
  });

  test('is not multiplied out without end', () => {
    const values = Array.from({ length: 40 }, (_, index) => index);
    const axes = Array.from({ length: 8 }, () => ({ field: field('seed'), values }));
    expect(changesOf(axes, 1).length).toBeGreaterThanOrEqual(40);
    const many = changesOf(
      axes.map((axis, index) => ({ ...axis, field: { ...axis.field, name: `f${index}` } })),
      1,
    );
    expect(many.length).toBeGreaterThan(maxVariants);
    expect(many.length).toBeLessThanOrEqual(40 * 40);
  });

  test('names settings and values, and asks the server for null where a setting is taken away', () => {
    const change = { model: 'm', temperature: undefined, maxOutputTokens: 20 };
    expect(wordsOfChange(change, fields)).toEqual([
      ['Model', 'm'],
      ['Temperature', 'default'],
      ['Max output tokens', '20 tokens'],
    ]);
    expect(requestedChange(change)).toEqual({ model: 'm', temperature: null, maxOutputTokens: 20 });
  });
});

test('settings that a connection gives, and those of another kind, cannot be varied', () => {
  expect(fields.map(({ name }) => name)).toEqual(expect.arrayContaining(['model', 'systemPrompt', 'seed']));
  expect(fields.map(({ name }) => name)).not.toContain('stop');
  const connected = variedFieldsOf(llm, {}, new Set(['system_prompt'])).map(({ name }) => name);
  expect(connected).not.toContain('systemPrompt');
  expect(connected).toContain('userMessage');
});

test('seeds are different, and within the limits of their field', () => {
  expect(isSeed(field('seed'))).toBe(true);
  expect(isSeed(field('variants'))).toBe(false);
  let step = 0;
  // The same number twice in a row: the second one is drawn again.
  const random = () => (Math.floor((step += 1) / 2) % 10) / 10;
  const seeds = seedsFor(field('seed'), 4, random);
  expect(new Set(seeds).size).toBe(4);
  expect(seedsFor({ ...field('seed'), min: 1, max: 2 }, 8, Math.random).toSorted()).toEqual([1, 2]);
});
