import { setTimeout as sleep } from 'node:timers/promises';

interface RestartOptions {
  readonly name: string;
  readonly start: () => Promise<unknown>;
  /** Says what happens to the person at the terminal and in the log. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** Told when it could not be brought back. */
  readonly onGiveUp: (reason: string) => void;
}

/** Pauses before each try, in milliseconds: at once, then giving a full disk or a busy machine some time. */
const pausesMs = [0, 1_000, 5_000, 15_000, 30_000];

/** Brings a service back that ended by itself. Its address stays the same, so its clients find it again. */
export async function restartService(options: RestartOptions, reason: string): Promise<void> {
  let problem = reason;
  for (const pauseMs of pausesMs) {
    options.say(`${problem} It is started again.`);
    await sleep(pauseMs, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal.aborted) return;
    try {
      await options.start();
      options.say(`${options.name} is back.`);
      return;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  if (!options.signal.aborted) options.onGiveUp(problem);
}
