import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { templateNode } from './definition.ts';
import { templateExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const fill = async (template: string, inputs: NodeInputs = {}) =>
  (await runs.run(templateExecutor, { template }, inputs))['output'];

test.each([
  ['Hello {{name}}!', { name: 'Ada' }, 'Hello Ada!'],
  ['{{ a }}{{b}} {{ a }}', { a: 1, b: false }, '1false 1'],
  ['no names', {}, 'no names'],
  ['', {}, ''],
  ['{{text}}', { text: '{{name}} & <b>' }, '{{name}} & <b>'],
  [String.raw`\{{name}} {{name}}`, { name: 'x' }, '{{name}} x'],
  ['{ {name} } }}', {}, '{ {name} } }}'],
  ['{{person.name}}, {{person.tags.1}}', { person: { name: 'Ada', tags: ['a', 'b'] } }, 'Ada, b'],
  ['{{person.name}}', { person: '{"name": "from text"}' }, 'from text'],
  ['{{ tags | join }}', { tags: ['a', 1, { b: 2 }] }, 'a, 1, {"b":2}'],
  ['{{ tags | join: " | " }}', { tags: ['a', 'b'] }, 'a | b'],
  [String.raw`{{ tags | join: "\n" }}`, { tags: ['a', 'b'] }, 'a\nb'],
  ['{{ data | json }}', { data: { a: [1] } }, '{"a":[1]}'],
  ['{{ data }}', { data: [1] }, '[\n  1\n]'],
  ['{{ name | trim | upper }}', { name: ' straße ' }, 'STRASSE'],
  ['{{ tags | first }}-{{ tags | last | lower }}-{{ tags | size }}', { tags: ['A', 'B'] }, 'A-b-2'],
  ['{{ word | size }}', { word: 'a😀' }, '2'],
  ['{{ name | default: "nobody" }}', {}, 'nobody'],
  ["{{ person.age | default: 'unknown' }}", { person: {} }, 'unknown'],
  ['{{ name | upper | default: "x" }}', { name: null }, 'x'],
  ['{{ name | default: "x" }}', { name: '' }, ''],
])('%s', async (template, inputs, expected) => {
  expect(await fill(template, inputs as NodeInputs)).toBe(expected);
});

describe('its inputs', () => {
  const inputsOf = (template: string) =>
    templateNode
      .handles?.(templateNode.configSchema.parse({ template }))
      .inputs.map(({ id, required }) => [id, required]);

  test('are the names, each once, in order; one with a default need not be connected', () => {
    expect(inputsOf('{{b}} {{a.x}} {{b | upper}} {{ c | default: "-" }}')).toEqual([
      ['b', true],
      ['a', true],
      ['c', false],
    ]);
    expect(inputsOf('{{ c | default: "-" }} {{ c }}')).toEqual([['c', true]]);
  });

  test('are there while the text is being typed', () => {
    expect(inputsOf('{{a}} and {{b')).toEqual([['a', true]]);
    expect(inputsOf('{{a}} {{ }} {{1x}}')).toEqual([['a', true]]);
  });

  test('of a fresh node are those of its text', () => {
    const config = templateNode.configSchema.parse(templateNode.defaults);
    expect(templateNode.handles?.(config).inputs).toEqual(templateNode.inputs);
  });
});

describe('what cannot be written is said, with its place', () => {
  test.each([
    ['a\n  {{name}}', {}, 'INPUT_MISSING', 'Line 2, column 3: {{name}} has no value.'],
    ['{{person.name}}', { person: { toString: 1 } }, 'INPUT_MISSING', '{{person.name}} has no value'],
    ['{{person.constructor}}', { person: {} }, 'INPUT_MISSING', '{{person.constructor}} has no value'],
    ['{{a.b}}', { a: 'no data' }, 'INPUT_MISSING', '{{a.b}} has no value'],
    ['{{a | join}}', { a: 'text' }, 'TYPE_MISMATCH', '{{a}} is no list, which the filter join needs.'],
    ['{{a | upper}}', { a: { b: 1 } }, 'TYPE_MISMATCH', '{{a}} is no text, which the filter upper needs.'],
    ['{{a', {}, 'NODE_DATA_INVALID', 'Line 1, column 1: The braces {{ are not closed.'],
  ])('%s', async (template, inputs, code, message) => {
    await expect(fill(template, inputs)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('a file', async () => {
    const image = await runs.assetOf(await makePicture('png'));
    await expect(fill('{{a}}', { a: image })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(fill('{{a}}', { a: [image] })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  });

  test.each([
    ['{{ }}', 'There is no name between the braces.'],
    ['{{ 1st }}', '"1st" is not a name.'],
    ['{{ a..b }}', '"a..b" is not a name.'],
    ['{{ a | shout }}', '"shout" is not a filter. There are: join, json,'],
    ['{{ a | }}', '"" is not a filter.'],
    ['{{ a | default }}', 'The filter default needs a text'],
    ['{{ a | upper: "x" }}', 'The filter upper takes no text.'],
    [Array.from({ length: 51 }, (_, index) => `{{n${index}}}`).join(''), 'The template has 51 names; up to 50'],
  ])('%s, before a run', (template, message) => {
    const flaws = templateNode.check?.(templateNode.configSchema.parse({ template }), new Set()) ?? [];
    expect(flaws.map((flaw) => flaw.message).join()).toContain(message);
  });
});
