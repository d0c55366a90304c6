import { describe, expect, test } from '@jest/globals';
import { answerFindings, outputsOfAnswer, type Answer } from './answer.ts';
import { questionFieldSchema, type Question } from './question.ts';

const field = (data: object) => questionFieldSchema.parse(data);
const approval = (fields: object[] = []): Question => ({
  message: 'Well?',
  fields: fields.map(field),
  buttons: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: '' },
  ],
  choice: null,
});
const choice = (min: number, max: number): Question => ({ message: '', fields: [], buttons: [], choice: { min, max } });
const answer = (action: string, rest: Partial<Answer> = {}): Answer => ({ action, values: {}, indices: [], ...rest });
const paths = (question: Question, inputs: object, given: Answer) =>
  answerFindings(question, inputs as never, given).map(({ path }) => path);

describe('an answer to a question with buttons', () => {
  test('goes on from the button with the value that came in, and says what was answered by whom', () => {
    expect(outputsOfAnswer(approval(), { value: ['draft'] }, answer('yes'), 'ada@example.com')).toEqual({
      yes: 'draft',
      answer: { action: 'yes', label: 'Yes', values: {}, by: 'ada@example.com' },
    });
    expect(outputsOfAnswer(approval(), { value: ['a', 'b'] }, answer('no'), null)).toEqual({
      no: ['a', 'b'],
      answer: { action: 'no', label: 'no', values: {}, by: null },
    });
  });

  test('carries the edited value on where a field is named value, which begins with what came in', () => {
    const question = approval([
      { name: 'value', type: 'text' },
      { name: 'note', type: 'text', default: 'none' },
    ]);
    const edited = answer('yes', { values: { value: 'better' } });
    expect(outputsOfAnswer(question, { value: ['draft'] }, edited, 'a')).toMatchObject({
      yes: 'better',
      answer: { values: { value: 'better', note: 'none' } },
    });
    expect(outputsOfAnswer(question, { value: ['draft'] }, answer('yes'), 'a')).toMatchObject({ yes: 'draft' });
  });

  test.each<[string, Question, Answer, string[]]>([
    ['no such button', approval(), answer('maybe'), ['action']],
    ['a field that is not there', approval(), answer('yes', { values: { x: 1 } }), ['values.x']],
    [
      'a name that every object has',
      approval(),
      answer('toString', { values: { constructor: 1 } }),
      ['action', 'values.constructor'],
    ],
    ['a required field left out', approval([{ name: 'why', required: true }]), answer('yes'), ['values.why']],
    [
      'a wrong type',
      approval([{ name: 'n', type: 'number', max: 3 }]),
      answer('yes', { values: { n: 4 } }),
      ['values.n'],
    ],
    [
      'none of the options',
      approval([{ name: 's', options: ['a'] }]),
      answer('yes', { values: { s: 'b' } }),
      ['values.s'],
    ],
    ['something chosen where nothing is to be', approval(), answer('yes', { indices: [0] }), ['indices']],
    ['what fits', approval([{ name: 'n', type: 'number', required: true }]), answer('yes', { values: { n: 4 } }), []],
  ])('with %s is told where', (_what, question, given, expected) => {
    expect(paths(question, {}, given)).toEqual(expected);
  });

  test('need not give a required field that begins with a value', () => {
    expect(paths(approval([{ name: 'value', required: true }]), { value: ['there'] }, answer('yes'))).toEqual([]);
    expect(paths(approval([{ name: 'why', required: true, default: 'so' }]), {}, answer('yes'))).toEqual([]);
  });
});

describe('a choice', () => {
  const inputs = { items: ['a', 'b', 'c'] };

  test('gives what was chosen, in the order in which it was named, and its places', () => {
    const given = answer('choose', { indices: [2, 0] });
    expect(answerFindings(choice(1, 2), inputs, given)).toEqual([]);
    expect(outputsOfAnswer(choice(1, 2), inputs, given, 'a')).toEqual({ output: ['c', 'a'], indices: [2, 0] });
  });

  test.each<[string, [number, number], Answer, string[]]>([
    ['too few', [2, 3], answer('choose', { indices: [1] }), ['indices']],
    ['too many', [0, 1], answer('choose', { indices: [1, 2] }), ['indices']],
    ['one that is not there', [1, 1], answer('choose', { indices: [3] }), ['indices']],
    ['one twice', [1, 2], answer('choose', { indices: [1, 1] }), ['indices']],
    ['a button', [1, 1], answer('yes', { indices: [1] }), ['action']],
    ['values', [0, 1], answer('choose', { values: { a: 1 } }), ['values']],
    ['more wanted than there are', [5, 9], answer('choose', { indices: [0, 1, 2] }), []],
  ])('of %s', (_what, [min, max], given, expected) => {
    expect(paths(choice(min, max), inputs, given)).toEqual(expected);
  });
});
