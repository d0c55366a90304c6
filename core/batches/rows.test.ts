import { describe, expect, test } from '@jest/globals';
import { inputTypesOf, readRows } from './read-rows.ts';
import { csvLine } from './write-csv.ts';

const types = inputTypesOf({
  properties: {
    topic: { type: 'string' },
    count: { type: 'number' },
    loud: { type: 'boolean' },
    tags: { type: 'array' },
    extra: {},
  },
});
const read = (text: string, name = 'rows.csv') => readRows(name, text, types);

describe('a table', () => {
  test('has a row for each line, with values of the types of its inputs', () => {
    expect(read('topic,count,loud,tags,extra\ntea,2,TRUE,"[""a"",""b""]","{""x"":1}"\n007,,,one,plain\n')).toEqual([
      { topic: 'tea', count: 2, loud: true, tags: ['a', 'b'], extra: { x: 1 } },
      { topic: '007', tags: ['one'], extra: 'plain' },
    ]);
  });

  test('may have quoted cells with marks and lines in them, any ends of lines, and a mark at its beginning', () => {
    expect(read('\uFEFFtopic,count\r\n"a, ""b""\r\nc",1\r\n\r\nlast,2')).toEqual([
      { topic: 'a, "b"\r\nc', count: 1 },
      { topic: 'last', count: 2 },
    ]);
  });

  test('may be separated by semicolons or tabs, and be one that was exported', () => {
    expect(read('topic;count\na,b;1')).toEqual([{ topic: 'a,b', count: 1 }]);
    expect(read('input.topic\tinput.count\na\t1')).toEqual([{ topic: 'a', count: 1 }]);
  });

  test('keeps what is no value of its type as text, for whoever checks rows to tell of', () => {
    expect(read('count,loud\nmany,maybe')).toEqual([{ count: 'many', loud: 'maybe' }]);
  });

  test.each([
    ['topc\ntea', 'The workflow has no input "topc". Name the columns by some of: topic, count, loud, tags, extra.'],
    ['topic,topic\na,b', 'Two columns have the same name. Rename or remove one.'],
    ['topic\na,b', 'Line 2 has 2 cells; there are 1 columns. Remove the others.'],
    ['topic\n"a', 'The quotation mark of line 2 is not closed. Add one.'],
    ['topic\n', '"rows.csv" has no rows. Give at least one after the line with the names.'],
  ])('is refused in words: %j', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });
});

describe('JSON', () => {
  test('is an object on each line, or one list of them, as it is', () => {
    expect(read('{"topic":"a"}\n\n{"count":1}\n', 'rows.jsonl')).toEqual([{ topic: 'a' }, { count: 1 }]);
    expect(read(' [{"topic":"a"},{}]', 'rows.json')).toEqual([{ topic: 'a' }, {}]);
  });

  test('is refused by its line', () => {
    expect(() => read('{}\n{', 'rows.ndjson')).toThrow('Line 2 is no JSON.');
    expect(() => read('{}\n[1]', 'rows.jsonl')).toThrow('Line 2 is no JSON object.');
  });
});

test('a line of a table that is written quotes what it must, and runs nothing in a spreadsheet', () => {
  expect(csvLine(['a', 'b, "c"', 'd\ne', null, undefined, 5, true, [1], '=1+1', '-5', '+49 30', '@x', '-x'])).toBe(
    `a,"b, ""c""","d\ne",,,5,true,[1],'=1+1,-5,'+49 30,'@x,'-x\r\n`,
  );
});
