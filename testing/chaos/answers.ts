import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

/** The button that counts, by the run or part and the node, of each question for which a server said so. */
export type ConfirmedAnswers = ReadonlyMap<string, string>;

export interface Answering {
  readonly answers: ConfirmedAnswers;
  /** What must not have been said. */
  readonly problems: readonly string[];
  /** Answers that were taken, and those that came second. */
  readonly counts: { taken: number; refused: number };
  stop(): Promise<void>;
}

export interface AnsweringOptions {
  readonly random: Random;
  readonly urls: readonly string[];
  readonly apiKey: string;
}

interface OpenWait {
  readonly id: string;
  readonly runId: string;
  readonly partId: string | null;
  readonly nodeId: string;
}

const everyMs = 500;
const requestMs = 8_000;
/** Of open questions, those that somebody looks at in one round; and of them, those answered by two at once. */
const looked = 0.4;
const twice = 0.5;

/** People who answer questions: often two at once, one of whom says yes and the other no, at different servers. */
export function answerQuestions({ random, urls, apiKey }: AnsweringOptions): Answering {
  const answers = new Map<string, string>();
  const problems: string[] = [];
  const counts = { taken: 0, refused: 0 };
  const halt = new AbortController();

  async function ask(method: string, path: string, body?: unknown) {
    const url = urls[Math.floor(Math.random() * urls.length)]!;
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestMs),
    });
    return { status: response.status, body: (await response.json()) as { items?: OpenWait[]; code?: string } };
  }

  async function answer(wait: OpenWait, action: string): Promise<void> {
    const { status, body } = await ask('POST', `/api/waits/${wait.id}`, { action });
    const place = `${wait.partId ?? wait.runId} ${wait.nodeId}`;
    if (status === 409) counts.refused += 1;
    // Another server may be on its way down, and a run that is over takes its questions along.
    if (status !== 200) {
      if (status < 500 && ![404, 409, 429].includes(status)) problems.push(`${place}: ${status} ${body.code}`);
      return;
    }
    counts.taken += 1;
    const before = answers.get(place);
    if (before !== undefined) problems.push(`${place}: both "${before}" and "${action}" were taken`);
    answers.set(place, action);
  }

  async function round(): Promise<void> {
    const { status, body } = await ask('GET', '/api/waits?status=open&limit=100');
    if (status !== 200) return;
    await Promise.all(
      (body.items ?? [])
        .filter(() => random.chance(looked))
        .flatMap((wait) => (random.chance(twice) ? ['yes', 'no'] : ['yes']).map((action) => answer(wait, action)))
        // No answer: it may count, or not.
        .map((answering) => answering.catch(() => undefined)),
    );
  }

  const answering = (async () => {
    while (!halt.signal.aborted) {
      await round().catch(() => undefined);
      await sleep(everyMs, undefined, { signal: halt.signal }).catch(() => undefined);
    }
  })();

  return {
    answers,
    problems,
    counts,
    stop: async () => {
      halt.abort();
      await answering;
    },
  };
}
