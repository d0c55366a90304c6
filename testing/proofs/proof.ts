import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProofOptions {
  readonly times: number;
  readonly queue: 'redis' | 'postgres';
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** Shows a promise at large; what it gives back are the ways in which it was broken. */
export type Proof = (options: ProofOptions) => Promise<readonly string[]>;

/** The number that this share of them does not exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Resolves when no run is unfinished; throws where that takes longer. */
export async function waitUntilOver(pool: pg.Pool, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { rows } = await pool.query<{ open: number }>(
      'select count(*)::integer as open from workflow_runs where finished_at is null',
    );
    if (rows[0]!.open === 0) return;
    if (performance.now() > deadline) throw new Error(`${rows[0]!.open} runs are not over after ${withinMs} ms.`);
    await sleep(100);
  }
}

/** The API as the owner uses it; answers other than the expected are errors. */
export function createCaller(urls: readonly string[], apiKey: string) {
  let next = 0;
  return async (method: string, path: string, body: unknown, expected: readonly number[]) => {
    const url = urls[(next += 1) % urls.length]!;
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { id?: string | number };
    if (!expected.includes(response.status)) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    }
    return { status: response.status, id: String(answer.id) };
  };
}
