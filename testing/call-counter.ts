import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call is answered with. */
export interface CallAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CountedCall {
  readonly key: string;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

/** A provider that somebody else runs: it counts the calls of each idempotency key. */
export interface CallCounter {
  readonly url: string;
  readonly calls: readonly CountedCall[];
  /** Calls of one idempotency key, which is the id of the node execution. */
  count(key: string): number;
  stop(): Promise<void>;
}

export async function startCallCounter(
  answer: (call: CountedCall, number: number) => CallAnswer = () => ({ status: 200 }),
): Promise<CallCounter> {
  const calls: CountedCall[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const call = { key: String(request.headers['idempotency-key']), at: performance.now() };
    calls.push(call);
    const number = (counts.get(call.key) ?? 0) + 1;
    counts.set(call.key, number);
    const { status, headers = {} } = answer(call, number);
    request.resume();
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    calls,
    count: (key) => counts.get(key) ?? 0,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
