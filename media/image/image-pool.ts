import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { startImageProcess, type ImageProcess } from './image-process.ts';
import type { ImageLimits, ImageReply, ImageResults, ImageTask } from './tasks.ts';

export interface ImagePoolOptions {
  readonly limits: ImageLimits;
  /** Processes at most. Default 2. */
  readonly size?: number;
  /** Wall clock of one task, waiting in line not counted. Default 60,000 ms: an AVIF of 50 MP on a slow core. */
  readonly taskTimeoutMs?: number;
  /** A process is replaced after so many tasks. Default 500: native memory fragments slowly. */
  readonly maxTasks?: number;
  /** A process that is larger than this after a task is replaced. Default 250 MB, so two stay far below 600. */
  readonly maxRssBytes?: number;
  /** A process without work ends after so long. Default 60,000 ms. */
  readonly idleMs?: number;
  /** Added to the processes' otherwise empty environment, such as LD_PRELOAD of another allocator. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ImagePool {
  /**
   * Runs one task in a process of its own pool. An abort or the time limit
   * kills the process; the promise rejects with the signal's reason or
   * MEDIA_TIMEOUT. Errors of the picture come as TerminalError with their code.
   */
  run<Task extends ImageTask>(task: Task, signal: AbortSignal): Promise<ImageResults[Task['kind']]>;
  /** Ids of the living processes. */
  pids(): readonly number[];
  /** Waits for the work in flight, then ends every process. */
  stop(): Promise<void>;
}

interface Slot {
  readonly process: ImageProcess;
  tasks: number;
  idleTimer: NodeJS.Timeout | null;
}

/** A pool of image processes. They start when there is work and end when there is none. */
export function createImagePool(options: ImagePoolOptions): ImagePool {
  const { limits, size = 2, taskTimeoutMs = 60_000, maxTasks = 500, idleMs = 60_000, env = {} } = options;
  const maxRssBytes = options.maxRssBytes ?? 250 * 1_048_576;
  const idle: Slot[] = [];
  const busy = new Set<Slot>();
  const waiting: (() => void)[] = [];
  const inFlight = new Set<Promise<unknown>>();
  let isStopped = false;

  function take(): Slot {
    for (const dead of idle.filter((candidate) => !candidate.process.isAlive())) removeFrom(idle, dead);
    const slot = idle.pop() ?? { process: startImageProcess(env), tasks: 0, idleTimer: null };
    if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
    slot.idleTimer = null;
    busy.add(slot);
    return slot;
  }

  /** Ends the wait for a free process early on an abort; the place in line is given up. */
  function waitForTurn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        removeFrom(waiting, onTurn);
        reject(signal.reason);
      };
      waiting.push(onTurn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  async function giveBack(slot: Slot, isReusable: boolean): Promise<void> {
    // The place stays taken until an old process is gone, so that the pool never exceeds its size.
    if (!isReusable) await slot.process.kill();
    busy.delete(slot);
    if (isReusable) {
      idle.push(slot);
      slot.idleTimer = setTimeout(() => {
        removeFrom(idle, slot);
        void slot.process.kill();
      }, idleMs);
      slot.idleTimer.unref();
    }
    waiting.shift()?.();
  }

  async function execute(task: ImageTask, signal: AbortSignal): Promise<ImageReply> {
    signal.throwIfAborted();
    while (busy.size >= size) await waitForTurn(signal);
    if (signal.aborted) {
      // The turn was given to this task; the next in line gets it.
      waiting.shift()?.();
      signal.throwIfAborted();
    }
    const slot = take();
    let isReusable = false;
    try {
      const reply = await withLimits(slot.process.send({ task, limits }), signal, taskTimeoutMs);
      slot.tasks += 1;
      isReusable = slot.tasks < maxTasks && reply.rssBytes <= maxRssBytes;
      return reply;
    } finally {
      await giveBack(slot, isReusable);
    }
  }

  return {
    async run<Task extends ImageTask>(task: Task, signal: AbortSignal) {
      if (isStopped) throw new RetryableError('MEDIA_TOOL_FAILED', 'The image processes are being stopped.');
      const work = execute(task, signal);
      inFlight.add(work);
      try {
        const reply = await work;
        if (reply.ok) return reply.result as ImageResults[Task['kind']];
        if (reply.code === 'STORAGE_FULL') throw new RetryableError(reply.code, reply.message);
        throw new TerminalError(reply.code, reply.message);
      } finally {
        inFlight.delete(work);
      }
    },
    pids: () => [...idle, ...busy].map((slot) => slot.process.pid),
    async stop() {
      isStopped = true;
      await Promise.allSettled(inFlight);
      await Promise.all(
        idle.splice(0).map((slot) => {
          if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
          return slot.process.kill();
        }),
      );
    },
  };
}

function removeFrom<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

async function withLimits(work: Promise<ImageReply>, signal: AbortSignal, timeoutMs: number): Promise<ImageReply> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => undefined;
  const cut = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => {
      const seconds = timeoutMs / 1_000;
      reject(
        new TerminalError('MEDIA_TIMEOUT', `The picture took longer than ${seconds} s to work on. Make it smaller.`),
      );
    }, timeoutMs);
  });
  // After a cut the process is killed, and the rejection of its answer is of no interest.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
