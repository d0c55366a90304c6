import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import type { AssetContent } from '../../assets/asset-store.ts';
import { eventually } from '../../testing/eventually.ts';
import { sendContent } from './send-content.ts';
import { createTransferTurns, patience } from './transfer-turns.ts';

const turns = createTransferTurns();
const large = 64 * 1_048_576;
let server: Server;
let port: number;
let idleMs = 600_000;
const opened = new Set<Readable>();

/** Bytes without an end in sight; their source is watched. */
function contentOf(bytes: number): AssetContent {
  return {
    mimeType: 'image/png',
    bytes,
    etag: 'x',
    async open() {
      let left = bytes;
      const stream = new Readable({
        read(size) {
          const next = Math.min(size, left);
          left -= next;
          this.push(next === 0 ? null : Buffer.alloc(next));
        },
      });
      opened.add(stream);
      stream.once('close', () => opened.delete(stream));
      return stream;
    },
  };
}

beforeAll(async () => {
  const app = express();
  app.get('/:owner/:bytes', async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { owner, bytes } = request.params;
    const begin = () => turns.downloads.enter({ owner, signal: gone.signal, patience: patience() });
    const content = contentOf(Number(bytes));
    await sendContent(request, response, {
      content,
      name: 'x',
      asDownload: false,
      begin,
      signal: gone.signal,
      idleMs,
    }).catch(() => {});
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Asks, and reads nothing. */
function askWithoutReading(owner: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET /${owner}/${large} HTTP/1.1\r\nHost: x\r\n\r\n`));
  socket.on('error', () => {});
  return socket.pause();
}

describe('security case 4: readers that do not read', () => {
  test('take the places of their user alone, and others read on', async () => {
    const sockets = Array.from({ length: 60 }, () => askWithoutReading('slow'));
    await eventually(() => {
      expect(turns.downloads.counts()).toEqual({ active: 24, waiting: 36 });
      expect(opened.size).toBe(24);
    });
    const answer = await fetch(`http://127.0.0.1:${port}/other/5000`);
    expect((await answer.arrayBuffer()).byteLength).toBe(5_000);
    for (const socket of sockets) socket.destroy();
    await eventually(() => {
      expect(turns.downloads.counts()).toEqual({ active: 0, waiting: 0 });
      expect(opened.size).toBe(0);
    });
  });

  test('are ended when nothing has moved for a while, and what they held is free', async () => {
    idleMs = 20;
    const socket = askWithoutReading('slow');
    await eventually(() => expect(turns.downloads.counts().active).toBe(1));
    await eventually(() => {
      expect(turns.downloads.counts().active).toBe(0);
      expect(opened.size).toBe(0);
    });
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(large);
  });
});
