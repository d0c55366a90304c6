import { Worker } from 'node:worker_threads';
import type { ScryptOptions } from 'node:crypto';
import type { Derive } from './password.ts';

/** What a thread is asked for; it answers with the bytes. */
interface HashRequest {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
  readonly options: ScryptOptions;
}

/** Threads that are there while passwords are hashed. */
export interface HashThreads {
  /** Hashes at once, in a thread of its own; whoever calls it keeps count. */
  readonly derive: Derive;
  stop(): Promise<void>;
}

/** So long after the last password; most servers hash a few a day. */
const idleMs = 60_000;

/**
 * Threads that hash passwords. They are none of libuv's four, which read files
 * and look up names for everybody: a sign-in keeps nobody waiting but the next one.
 * They start when there is work and end when there is none.
 */
export function createHashThreads(): HashThreads {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const timers = new Map<Worker, NodeJS.Timeout>();

  function end(thread: Worker): Promise<unknown> {
    clearTimeout(timers.get(thread));
    timers.delete(thread);
    all.delete(thread);
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
    return thread.terminate();
  }

  function take(): Worker {
    const thread = idle.pop() ?? startThread();
    all.add(thread);
    clearTimeout(timers.get(thread));
    timers.delete(thread);
    return thread;
  }

  function giveBack(thread: Worker): void {
    thread.unref();
    idle.push(thread);
    const timer = setTimeout(() => void end(thread), idleMs);
    timers.set(thread, timer.unref());
  }

  return {
    derive: async (password, salt, keyBytes, options) => {
      const thread = take();
      thread.ref();
      try {
        const key = await answerOf(thread, { password, salt, keyBytes, options });
        giveBack(thread);
        return Buffer.from(key);
      } catch (error) {
        void end(thread);
        throw error;
      }
    },
    stop: async () => {
      await Promise.all([...all].map(end));
    },
  };
}

function answerOf(thread: Worker, request: HashRequest): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    const onMessage = (key: Uint8Array) => settle(() => resolve(key));
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = () => settle(() => reject(new Error('the thread that hashes passwords ended')));
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(request);
  });
}

/**
 * All that a thread does. As a text, since it is read by Node itself, which takes
 * no TypeScript in a thread, whether the rest runs from the sources or compiled.
 */
const threadSource = `
  const { scryptSync } = require('node:crypto');
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ password, salt, keyBytes, options }) => {
    parentPort.postMessage(scryptSync(password, salt, keyBytes, options));
  });
`;

function startThread(): Worker {
  // Messages only; what scrypt needs is native memory.
  const resourceLimits = { maxOldGenerationSizeMb: 64 };
  return new Worker(threadSource, { eval: true, env: {}, execArgv: [], resourceLimits });
}
