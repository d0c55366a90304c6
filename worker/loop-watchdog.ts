import { Worker } from 'node:worker_threads';

/*
 * A node that blocks the event loop stops everything in its process: its own
 * time limit, the heartbeat, every other attempt. Others rescue the attempts
 * when the lease is over, but the process itself would hold its memory, its
 * processor and its connections for as long as the loop is blocked. A thread of
 * its own sees that, and ends the process.
 */

interface LoopWatchdogOptions {
  /** The process ends when its loop has not turned for so long. */
  readonly maxLagMs: number;
}

interface LoopWatchdog {
  stop(): Promise<void>;
}

/** What the thread is given. */
export interface WatchedLoop {
  /** One number that grows while the loop turns. */
  readonly turns: Int32Array;
  readonly lookEveryMs: number;
  /** So many looks in a row without a turn are too many. */
  readonly maxSilentLooks: number;
  /** Written to stderr before the end. */
  readonly lastWords: string;
}

/** Often enough to be exact to a quarter of a second, seldom enough to cost nothing. */
const lookEveryMs = 250;

/** Watches the loop of this process until it is stopped. */
export function watchLoop({ maxLagMs }: LoopWatchdogOptions): LoopWatchdog {
  const turns = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const timer = setInterval(() => Atomics.add(turns, 0, 1), lookEveryMs / 2);
  timer.unref();
  const workerData: WatchedLoop = {
    turns,
    lookEveryMs,
    maxSilentLooks: Math.max(2, Math.ceil(maxLagMs / lookEveryMs)),
    lastWords: `${JSON.stringify({
      level: 60,
      process: 'worker',
      pid: process.pid,
      code: 'LOOP_BLOCKED',
      msg: `a node has blocked this worker for ${maxLagMs} ms; it ends itself, and others take its work over`,
    })}\n`,
  };
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './loop-watchdog-thread.ts' : './loop-watchdog-thread.js', import.meta.url);
  // A small heap: the thread counts to twenty. It needs none of the environment.
  const thread = new Worker(entry, { workerData, env: {}, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  thread.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}
