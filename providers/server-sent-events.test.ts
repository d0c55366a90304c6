import { describe, expect, test } from '@jest/globals';
import { EventStreamError, readEventStream, type StreamEvent } from './server-sent-events.ts';

const limits = { maxBytes: 10_000_000, maxEventLength: 10_000_000 };
const a = { kind: 'message', value: { a: 1 } };
const b = { kind: 'message', value: { b: '2' } };

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, size = 1_000_000, given = limits): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(chunksOf(new TextEncoder().encode(text), size), given)) events.push(event);
  return events;
}

const forms: readonly (readonly [string, string])[] = [
  ['LF', 'data: {"a":1}\n\ndata: {"b":"2"}\n\n'],
  ['CRLF', 'data: {"a":1}\r\n\r\ndata: {"b":"2"}\r\n\r\n'],
  ['CR', 'data: {"a":1}\r\rdata: {"b":"2"}\r\r'],
  ['a byte order mark', '\uFEFFdata: {"a":1}\n\ndata: {"b":"2"}\n\n'],
  ['no blank after the colon', 'data:{"a":1}\n\ndata:{"b":"2"}\n\n'],
  ['comments, ids and retries', ': hi\n\nid: 1\nretry: 5\ndata: {"a":1}\n\n:\nid\ndata: {"b":"2"}\n\n: bye\n\n'],
  ['a named event', 'event: message\ndata: {"a":1}\n\nevent: chunk\ndata: {"b":"2"}\n\n'],
  ['several data lines', 'data: {\ndata: "a":1\ndata: }\n\ndata: {"b":\ndata: "2"}\n\n'],
  ['blank lines anywhere', '\n\ndata: {"a":1}\n\n\n\ndata: {"b":"2"}\n\n\n'],
  ['no blank line at the end', 'data: {"a":1}\n\ndata: {"b":"2"}'],
  ['single line ends', 'data: {"a":1}\ndata: {"b":"2"}\n'],
  ['the field twice', 'data: data: {"a":1}\n\ndata:data:{"b":"2"}\n\n'],
  [
    'signs of life',
    'data: : keepalive\n\ndata: {"a":1}\n\ndata:\n\nevent: ping\ndata: ping\n\ndata: null\n\ndata: {"b":"2"}\n\n',
  ],
  ['JSON without a field', 'data: {"a":1}\n\n{"b":"2"}\n\n'],
  ['several lines of JSON without a field', 'data: {"a":1}\n\n{\n "b": "2"\n}\n\n'],
  ['a list in an event', 'data: [{"a":1},{"b":"2"}]\n\n'],
  ['a list in place of a stream', '[{"a":1}\n,\r\n{"b":"2"}]'],
  ['lines of JSON in place of a stream', '{"a":1}\n{"b":"2"}\n'],
  ['objects one after the other', ' {"a":1}{"b":"2"}'],
  ['printed JSON', '[\n  {\n    "a": 1\n  },\n  {\n    "b": "2"\n  }\n]\n'],
];

describe.each(forms)('an event stream with %s', (_name, text) => {
  test.each([1, 2, 3, 7, 1_000])('gives the same events in pieces of %i bytes', async (size) => {
    expect(await read(text, size)).toEqual([a, b]);
  });
});

test('letters of several bytes, and U+2028, come through in pieces of one byte', async () => {
  const value = { text: 'Grüße 😀\u2028世界\u2029"}\\' };
  expect(await read(`data: ${JSON.stringify(value)}\n\n`, 1)).toEqual([{ kind: 'message', value }]);
  expect(await read(JSON.stringify(value), 1)).toEqual([{ kind: 'message', value }]);
});

test('an event is given as soon as its line ends, not when the next one comes', async () => {
  let isOver = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (const text of ['data: {"a":1}\r', '\n\r\n']) yield new TextEncoder().encode(text);
    isOver = true;
  }
  const events = readEventStream(endless(), limits);
  expect(await events.next()).toEqual({ done: false, value: a });
  expect(isOver).toBe(false);
});

test.each([
  ['[DONE]', { kind: 'done' }],
  ['"[DONE]"', { kind: 'done' }],
  ['{"a": 1', { kind: 'garbled' }],
  ['{"text": "a\tb"}', { kind: 'message', value: { text: 'a b' } }],
])('data of %s is %j', async (data, event) => {
  expect(await read(`data: ${data}\n\n`)).toEqual([event]);
});

test.each([
  ['error: {"code":400}\n\n', { code: 400 }],
  ['error: out of memory\n\n', 'out of memory'],
  ['event: error\ndata: {"code":400}\n\n', { code: 400 }],
  ['event: error\ndata: out of memory\n\n', 'out of memory'],
])('%j is an error', async (text, value) => {
  expect(await read(`data: {"a":1}\n\n${text}data: [DONE]\n\n`)).toEqual([
    a,
    { kind: 'error', value },
    { kind: 'done' },
  ]);
});

test('a document that breaks off is garbled after what came whole', async () => {
  expect(await read('[{"a":1},{"b":')).toEqual([a, { kind: 'garbled' }]);
});

test.each(['<html><p>data</p></html>', '', '\n\n', ': only a comment\n\n'])('%j has no events', async (text) => {
  expect(await read(text)).toEqual([]);
});

test('bytes are bounded in all and in one event, not the number of events', async () => {
  const many = 'data: {}\n\n'.repeat(50_000);
  expect(await read(many)).toHaveLength(50_000);
  await expect(read(many, 1_000, { ...limits, maxBytes: 100_000 })).rejects.toThrow(EventStreamError);
  const large = `{"a":"${'A'.repeat(200_000)}"}`;
  for (const text of [`data: ${large}\n\n`, large, `data: {\n${'data: "a":1,\n'.repeat(20_000)}`]) {
    await expect(read(text, 1_000, { ...limits, maxEventLength: 100_000 })).rejects.toThrow(EventStreamError);
  }
});

test('every chunk is told as a sign of life, comments as well', async () => {
  let signs = 0;
  const stream = chunksOf(new TextEncoder().encode(': a\n\n: b\n\n'), 5);
  for await (const event of readEventStream(stream, limits, () => (signs += 1))) expect(event).toBeUndefined();
  expect(signs).toBe(2);
});
