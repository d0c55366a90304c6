import { expect, test } from '@jest/globals';
import { EventStreamError, readServerSentEvents } from './server-sent-events.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function eventsOf(text: string, size = 1000, maxBytes = 10_000): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readServerSentEvents(inPieces(text, size), maxBytes)) events.push(event);
  return events;
}

const stream = ': hello\n\ndata: one\n\nevent: x\nid: 7\ndata: zwei 😀\ndata:three\n\n\ndata:  four\n\n';
const expected = ['one', 'zwei 😀\nthree', ' four'];

test.each(['\n', '\r\n', '\r'])('events are found whatever the line end is (%j)', async (lineEnd) => {
  expect(await eventsOf(stream.replaceAll('\n', lineEnd))).toEqual(expected);
});

test.each([1, 2, 3, 5, 7])('events are found when the bytes come in pieces of %i', async (size) => {
  expect(await eventsOf(stream, size)).toEqual(expected);
  expect(await eventsOf(stream.replaceAll('\n', '\r\n'), size)).toEqual(expected);
});

test('an event is given as soon as it is complete, not at the end of the stream', async () => {
  const endless = (async function* () {
    yield Buffer.from('data: first\n\ndata: sec');
    await new Promise(() => undefined);
  })();
  expect(await readServerSentEvents(endless, 100).next()).toEqual({ done: false, value: 'first' });
});

test('the last event counts without an empty line after it', async () => {
  expect(await eventsOf('data: one\n\ndata: two\n')).toEqual(['one', 'two']);
  expect(await eventsOf('data: one\n\ndata: two')).toEqual(['one', 'two']);
});

test('a stream past the limit is refused', async () => {
  await expect(eventsOf(`data: ${'a'.repeat(200)}`, 10, 100)).rejects.toThrow(EventStreamError);
});

test('a line of 8 MB in small pieces is read in well under a second of work', async () => {
  const started = performance.now();
  expect(await eventsOf(`data: ${'a'.repeat(8_000_000)}\n\n`, 16_384, 9_000_000)).toHaveLength(1);
  // A reader that joins the whole line anew for each piece takes many times as long.
  expect(performance.now() - started).toBeLessThan(2_000);
});
