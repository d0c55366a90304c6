import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { mediaPath } from '../../testing/media.ts';
import { createJsonCheck } from './json-check.ts';
import { textTypeOf } from './text-type.ts';

let files = 0;

async function typeOf(content: string | Buffer, maxBytes = 1_000_000): Promise<string | null> {
  const file = mediaPath(`text-${(files += 1)}`);
  await writeFile(file, content);
  return textTypeOf(file, { maxBytes });
}

test.each<[string, string | Buffer, string | null]>([
  ['prose', 'Dear reader,\nthis is prose.\n', 'text/plain'],
  ['one word', 'word', 'text/plain'],
  ['a table', 'name,age\nAda,36\n"Hopper, Grace",85\n', 'text/csv'],
  ['a table with semicolons, a mark of its encoding and no last line break', '\ufeffa;b\r\n1;2', 'text/csv'],
  ['a table with tabs and line breaks in quotes', 'a\tb\n"x\ny"\tz\n', 'text/csv'],
  ['records of different lengths', 'a,b\n1,2,3\n', 'text/plain'],
  ['one record', 'a,b,c\n', 'text/plain'],
  ['an object', ' {"a": [1, -2.5e3, "\\u00e9\\n", true, null], "b": {}}\n', 'application/json'],
  ['a list', '[]', 'application/json'],
  ['a bare number', '12', 'text/plain'],
  ['JSON with a comma too many', '{"a": 1,}', 'text/plain'],
  ['JSON lines', '{"a":1}\n{"a":2}\n', 'text/plain'],
  ['subtitles', '1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\n', 'application/x-subrip'],
  ['Latin-1', Buffer.from('caf\u00e9', 'latin1'), 'text/plain; charset=unknown'],
  ['a character that is cut off', Buffer.from('caf\u00e9').subarray(0, 4), 'text/plain; charset=unknown'],
  ['numbers that are no text', Buffer.from([0, 1, 2, 3]), null],
  ['numbers behind a text', Buffer.concat([Buffer.from('text'), Buffer.from([0])]), null],
])('%s is told by what stands in it', async (_what, content, type) => {
  expect(await typeOf(content)).toBe(type);
});

test('a character that two pieces of the file share is one', async () => {
  // The file is read in pieces of 64 kB.
  expect(await typeOf(`${'x'.repeat(65_535)}é,\n`)).toBe('text/plain');
});

test('a large table is told by its head, whose last record may be cut off', async () => {
  expect(await typeOf('a,b,c\n'.repeat(20_000))).toBe('text/csv');
});

describe('the check for JSON', () => {
  const isJson = (text: string, size = text.length) => {
    const check = createJsonCheck();
    for (let at = 0; at < text.length; at += size) check.add(text.slice(at, at + size));
    return check.isJson;
  };

  const good = [
    '{}',
    '[1]',
    '[0.5e-3,-0]',
    '{"a":{"b":["\\\\","\\"","\\u1F6a"]}}',
    '[ [ ] , { } ]',
    '[true,false,null]',
  ];
  const bad = [
    '',
    '{',
    '[',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '[1 2]',
    '[01]',
    '[1.]',
    '[+1]',
    '[tru]',
    '["\\x"]',
    '["\\u12g4"]',
    '["a\nb"]',
    '["a]',
    '[1]]',
    '{]',
    '[}',
    '{"a":1 "b":2}',
    '[,1]',
    '"text"',
    'true',
    '[1],',
    '{"a":1}{',
  ];

  test.each(good)('takes %s, as JSON.parse does, in one piece and letter by letter', (text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect([isJson(text), isJson(text, 1)]).toEqual([true, true]);
  });

  test.each(bad)('takes no %s', (text) => {
    expect([isJson(text), isJson(text, 1)]).toEqual([false, false]);
  });

  test('ends at a depth that nobody reads', () => {
    expect(isJson('['.repeat(500) + ']'.repeat(500))).toBe(true);
    expect(isJson('['.repeat(600) + ']'.repeat(600))).toBe(false);
  });
});
