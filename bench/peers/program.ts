import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** First starts write whole schemas, on a machine that does other things as well. */
const readyTimeoutMs = 120_000;
const stopTimeoutMs = 10_000;
const pollMs = 100;

export interface Program {
  /** Resolves when `isReady` is true; rejects with all output where the program ends before or takes too long. */
  waitUntil(isReady: (output: string) => boolean | Promise<boolean>): Promise<void>;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
}

/** A program that is not ours: it inherits the search path and nothing else. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { readonly home: string; readonly searchPath: string; readonly env?: Readonly<Record<string, string>> },
): Program {
  const { home, searchPath, env } = options;
  const child = spawn(file, args, {
    cwd: home,
    env: { PATH: searchPath, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      isOver = true;
      resolve();
    };
    child.once('close', end).once('error', end);
  });
  for (const stream of [child.stdout, child.stderr]) {
    // What a program has to say while it works is not kept.
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  }
  return {
    waitUntil: async (isReady) => {
      const deadline = performance.now() + readyTimeoutMs;
      while (!(await isReady(output))) {
        if (isOver) throw new Error(`${file} ${args.join(' ')} ended:\n${output}`);
        if (performance.now() > deadline)
          throw new Error(`${file} ${args.join(' ')} was not ready in time:\n${output}`);
        await sleep(pollMs);
      }
    },
    stop: async () => {
      if (isOver) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    },
  };
}
