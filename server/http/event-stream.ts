import type { Response } from 'express';

/** Proxies close a silent connection after 30 to 60 s. */
const heartbeatMs = 15_000;

/** An answer that goes on: server-sent events until it is closed. */
export interface EventStream {
  /** `id`: what the client comes back with as Last-Event-ID; none where left out. */
  send(event: string, data: object, id?: number): void;
  end(): void;
}

/** Opens a stream of server-sent events on a response. Each event's data is one line of JSON. */
export function openEventStream(response: Response): EventStream {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    // nginx would otherwise hold the events back until its buffer is full.
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  const timer = setInterval(() => response.write(':\n\n'), heartbeatMs);
  response.once('close', () => clearInterval(timer));
  return {
    send: (event, data, id) => {
      if (response.destroyed) return;
      const head = id === undefined ? '' : `id: ${id}\n`;
      response.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    end: () => {
      clearInterval(timer);
      response.end();
    },
  };
}
