import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { readForm, type FormRequest } from './form.ts';
import { idleBodyMs, watchIdleBody } from './idle-body.ts';
import { readUpload } from './upload.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => void jest.useRealTimers());

const turn = () => new Promise((resolve) => setImmediate(resolve));
const begun =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhalf of it';

/** A form that begins and does not go on. */
function stalled() {
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const body = Object.assign(new PassThrough(), { headers, complete: false });
  body.write(begun);
  return body;
}

test('a body of which something comes now and then is waited for, and one of which nothing comes is not', async () => {
  const body = new PassThrough();
  const told = jest.fn();
  watchIdleBody(body, told);
  for (let count = 0; count < 3; count += 1) {
    jest.advanceTimersByTime(idleBodyMs - 1);
    body.write('x');
    await turn();
  }
  expect(told).not.toHaveBeenCalled();
  // Whoever reads it takes a while: that is not the sender's doing.
  body.pause();
  jest.advanceTimersByTime(3 * idleBodyMs);
  expect(told).not.toHaveBeenCalled();
  body.resume();
  jest.advanceTimersByTime(idleBodyMs);
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: 'REQUEST_TIMEOUT' }));
});

test('a body that has come whole is not timed any more, however long it is worked on', async () => {
  const body = new PassThrough();
  const told = jest.fn();
  watchIdleBody(body, told);
  body.end('whole');
  await turn();
  jest.advanceTimersByTime(3 * idleBodyMs);
  expect(told).not.toHaveBeenCalled();
});

test('an upload and a form that stop in the middle are refused, and what was read of them ends', async () => {
  const ended: string[] = [];
  const take = async (name: string, stream: NodeJS.ReadableStream) => {
    try {
      for await (const piece of stream) void piece;
    } finally {
      ended.push(name);
    }
  };
  const upload = readUpload(
    stalled() as never,
    (stream) => take('upload', stream),
    async () => {},
  );
  const form = readForm(stalled() as unknown as FormRequest, {
    field: () => {},
    file: (_name, stream) => take('form', stream),
  });
  const refused = Promise.allSettled([upload, form]);
  await turn();
  jest.advanceTimersByTime(idleBodyMs);
  expect((await refused).map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual([
    'REQUEST_TIMEOUT',
    'REQUEST_TIMEOUT',
  ]);
  expect(ended).toEqual(['upload', 'form']);
});
