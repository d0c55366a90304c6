import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Shape } from '../shapes.ts';

/** A system that runs the same shapes; each starts its runs over HTTP. */
export interface Peer {
  readonly name: string;
  /** What it was set to, for people. */
  readonly settings: string;
  /** Starts one run and resolves when its end is durable. */
  runOnce(shape: Shape): Promise<void>;
  /** Starts as many runs as fast as it takes them and resolves when the end of all is durable. */
  runMany(shape: Shape, count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Between two looks whether one run is over; it is the least that a timer waits. */
export const lookOnceMs = 1;
/** The same for many runs: little against the seconds that they take, and cheap for the database. */
export const lookManyMs = 25;
/** Enough that none of them waits for the next request, also where it holds each until its run is over. */
const startsAtOnce = 128;
const agent = new Agent({ connections: startsAtOnce });

/** Calls `start` so many times, as many at once as make sense. */
export async function startMany(count: number, start: () => Promise<unknown>): Promise<void> {
  let left = count;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await start();
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, startsAtOnce) }, caller));
}

/** Looks again and again until it is over. */
export async function untilOver(isOver: () => Promise<boolean>, everyMs: number): Promise<void> {
  while (!(await isOver())) await sleep(everyMs);
}

export interface Answer {
  readonly body: unknown;
  readonly cookies: readonly string[];
}

/** Sends JSON and reads JSON; any status but 2xx is an error. */
export async function post(
  url: string,
  body: object | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await request(url, {
    method: 'POST',
    dispatcher: agent,
    headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body: body === null ? null : JSON.stringify(body),
    // The longest that a saturated turn takes.
    headersTimeout: 120_000,
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${url}: ${response.statusCode} ${text}`);
  const cookies = [response.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';', 1)[0]!);
  return { body: text === '' ? null : JSON.parse(text), cookies };
}
