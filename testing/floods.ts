import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientMessages } from '../core/events/run-event.ts';

/** Something that holds a server busy until it is ended. */
export interface Flood {
  readonly name: string;
  /** Resolves once it is under way, with what ends it; that tells how often the server threw somebody out. */
  begin(): Promise<() => Promise<{ readonly thrownOut: number }>>;
}

/** Those who send slowly, idly or far too much, against the server at `url`. All of them use one key. */
export function createFloods(url: string, apiKey: string): readonly Flood[] {
  const { hostname, port } = new URL(url);
  const raw = () => {
    const socket = net.connect(Number(port), hostname);
    // The server closes it, which is what this is about.
    socket.on('error', () => {});
    return socket;
  };

  /** Connections that say `first`, and then one byte more every half a second, each at a moment of its own. */
  async function drip(count: number, first: string, more: string): Promise<() => Promise<{ thrownOut: number }>> {
    const sockets = Array.from({ length: count }, raw);
    let thrownOut = 0;
    for (const [index, socket] of sockets.entries()) {
      socket.once('close', () => (thrownOut += 1));
      socket.write(first);
      // Not all at once: many requests at the same moment are no slow ones.
      if (index % 10 === 9) await sleep(20);
    }
    let next = 0;
    const timer = setInterval(() => {
      for (let i = 0; i < count / 50; i += 1) {
        const socket = sockets[next++ % count]!;
        if (socket.writable) socket.write(more);
      }
    }, 10);
    return async () => {
      clearInterval(timer);
      const before = thrownOut;
      for (const socket of sockets) socket.destroy();
      return { thrownOut: before };
    };
  }

  /** A message in a websocket frame; the mask that clients must use is zero, so that one buffer serves every time. */
  function frame(text: string): Buffer {
    const payload = Buffer.from(text);
    const length =
      payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
    return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload]);
  }

  const manyMessages = Buffer.concat(
    Array.from({ length: 10_000 }, (_, i) =>
      frame(`42["${clientMessages.workflowUnsubscribe}",{"workflowId":${i + 1}}]`),
    ),
  );

  /** Connects by hand, which costs the sender nothing, sends everything, and resolves when thrown out. */
  async function sendMany(): Promise<void> {
    const socket = raw();
    const key = Buffer.alloc(16).toString('base64');
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    let received = '';
    let hasJoined = false;
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (!hasJoined && received.includes('"sid"')) {
          hasJoined = true;
          socket.write(frame(`40${JSON.stringify({ token: apiKey })}`));
          received = '';
        } else if (hasJoined && received.includes('40{')) {
          received = '';
          socket.write(manyMessages);
        }
      });
      socket.once('close', () => resolve());
    });
  }

  return [
    {
      name: '400 connections that drip their headers',
      begin: () => drip(400, 'GET /api/me HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'),
    },
    {
      name: '400 bodies that come drop by drop',
      begin: () =>
        drip(
          400,
          `POST /api/workflows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`,
          ' ',
        ),
    },
    {
      name: '450 connections that do nothing',
      begin: async () => {
        const sockets = Array.from({ length: 450 }, raw);
        await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
        return async () => {
          for (const socket of sockets) socket.destroy();
          return { thrownOut: 0 };
        };
      },
    },
    {
      name: 'somebody who sends 10,000 live messages at once, and comes back whenever thrown out',
      begin: async () => {
        let isOver = false;
        let thrownOut = 0;
        const once = async () => {
          await sendMany();
          thrownOut += 1;
        };
        await once();
        const attacking = (async () => {
          while (!isOver) {
            await once();
            await sleep(100);
          }
        })();
        return async () => {
          isOver = true;
          await attacking;
          return { thrownOut };
        };
      },
    },
  ];
}
