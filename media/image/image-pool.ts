import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { createFairPool } from '../../core/fair-pool.ts';
import { startImageProcess, type ImageProcess } from './image-process.ts';
import type { ImageOperation, DrawRequest } from './image-operation.ts';
import type { ImageLimits, ImageReply, ImageRequest } from './tasks.ts';

/** How many processes there are, and what one of them may take. */
export interface ImagePoolOptions {
  readonly limits: ImageLimits;
  /** Processes at most. Default 3: two for one user's images, and one that is there for the next user. */
  readonly size?: number;
  /** Processes that work for one user at once. Default one less than `size`, at least one. */
  readonly maxPerOwner?: number;
  /** Wall clock of one task, waiting in line not counted. Default 180,000 ms: its processor time on a machine that is busy. */
  readonly taskTimeoutMs?: number;
  /**
   * Processor time of one task; watched on Linux. Default: what its operation says.
   */
  readonly maxCpuMs?: number;
  /** How often the processor time is looked at. Default 250 ms. */
  readonly cpuCheckMs?: number;
  /** A process is replaced after so many tasks. Default 500: native memory fragments slowly. */
  readonly maxTasks?: number;
  /** A process that is larger than this after a task is replaced. Default 320 MB: what a photo of 12 MP leaves, with room. */
  readonly maxRssBytes?: number;
  /** So is one with which all of them are larger than this. Default 480 MB, so that the worker stays below 600 with them. */
  readonly maxRssBytesOfAll?: number;
  /** A process without work ends after so long. Default 60,000 ms. */
  readonly idleMs?: number;
  /** Added to the processes' otherwise empty environment, such as LD_PRELOAD of another allocator. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An operation that only looks is given no `output`. */
type PoolRequest<Params extends object> = Omit<DrawRequest<Params>, 'output'> & { readonly output?: string };

/** Processes that decode images, so that nothing decodes in this one. */
export interface ImagePool {
  /**
   * Runs one operation in a process of its own pool, when the turn of the user has
   * come whose image it is; null: the installation's own. An abort or a limit
   * of time kills the process; the promise rejects with the signal's reason or
   * MEDIA_TIMEOUT. Errors of the image come as TerminalError with their code.
   */
  run<Params extends object, Result>(
    operation: ImageOperation<Params, Result>,
    request: PoolRequest<Params>,
    signal: AbortSignal,
    owner?: string | null,
  ): Promise<Result>;
  /** Ids of the living processes. */
  pids(): readonly number[];
  /** Waits for the work in flight, then ends every process. */
  stop(): Promise<void>;
}

interface Slot {
  readonly process: ImageProcess;
  tasks: number;
  /** After its last task. */
  rssBytes: number;
  idleTimer: NodeJS.Timeout | null;
}

/** A canvas of 500 nodes asks for all its previews at once, and nobody has to wait for more of them than that. */
const maxWaitingPerOwner = 1_000;

/** A pool of image processes. They start when there is work and end when there is none. */
export function createImagePool(options: ImagePoolOptions): ImagePool {
  const { limits, size = 3, taskTimeoutMs = 180_000, maxTasks = 500, idleMs = 60_000, env = {} } = options;
  const { maxPerOwner = Math.max(1, size - 1), cpuCheckMs = 250 } = options;
  const { maxRssBytes = 320 * 1_048_576, maxRssBytesOfAll = 480 * 1_048_576 } = options;
  const turns = createFairPool({ places: size, maxPerOwner, maxWaitingPerOwner, busy: tooMany });
  const idle: Slot[] = [];
  const busy = new Set<Slot>();
  const inFlight = new Set<Promise<unknown>>();
  let isStopped = false;

  function take(): Slot {
    for (const dead of idle.filter((candidate) => !candidate.process.isAlive())) removeFrom(idle, dead);
    const slot = idle.pop() ?? { process: startImageProcess(env), tasks: 0, rssBytes: 0, idleTimer: null };
    if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
    slot.idleTimer = null;
    busy.add(slot);
    return slot;
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
  }

  async function execute(request: ImageRequest, maxCpuMs: number, signal: AbortSignal): Promise<ImageReply> {
    signal.throwIfAborted();
    const slot = take();
    let isReusable = false;
    try {
      const reply = await withLimits(slot.process, request, { signal, taskTimeoutMs, maxCpuMs, cpuCheckMs });
      slot.tasks += 1;
      slot.rssBytes = reply.rssBytes;
      const rssBytesOfAll = [...idle, ...busy].reduce((sum, { rssBytes }) => sum + rssBytes, 0);
      isReusable = slot.tasks < maxTasks && slot.rssBytes <= maxRssBytes && rssBytesOfAll <= maxRssBytesOfAll;
      return reply;
    } finally {
      await giveBack(slot, isReusable);
    }
  }

  return {
    async run<Params extends object, Result>(
      { module, name, ...operation }: ImageOperation<Params, Result>,
      { output = '', ...rest }: PoolRequest<Params>,
      signal: AbortSignal,
      owner: string | null = null,
    ) {
      if (isStopped)
        throw new RetryableError('MEDIA_TOOL_FAILED', 'The image processes are being stopped. Try again in a moment.');
      const request: ImageRequest = { module, name, request: { ...rest, output } as ImageRequest['request'], limits };
      const maxCpuMs = options.maxCpuMs ?? operation.maxCpuMs;
      const work = turns.run({ owner, signal }, () => execute(request, maxCpuMs, signal));
      inFlight.add(work);
      try {
        const reply = await work;
        if (reply.ok) return reply.result as Result;
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

function tooMany(): RetryableError {
  return new RetryableError('RATE_LIMITED', 'Too many of your images are being processed. Try again in a moment.', {
    retryAfterMs: 5_000,
  });
}

interface TaskLimits {
  readonly signal: AbortSignal;
  readonly taskTimeoutMs: number;
  readonly maxCpuMs: number;
  readonly cpuCheckMs: number;
}

async function withLimits(
  child: ImageProcess,
  request: ImageRequest,
  { signal, taskTimeoutMs, maxCpuMs, cpuCheckMs }: TaskLimits,
): Promise<ImageReply> {
  let timer: NodeJS.Timeout | undefined;
  let cpuTimer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => undefined;
  // Looked at beside the beginning of the work, which takes far less than what is watched for.
  const before = child.cpuMs();
  const cut = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const tooLong = (ms: number) => {
      reject(
        new TerminalError('MEDIA_TIMEOUT', `The image took longer than ${ms / 1_000} s to process. Make it smaller.`),
      );
    };
    timer = setTimeout(tooLong, taskTimeoutMs, taskTimeoutMs);
    cpuTimer = setInterval(() => {
      void Promise.all([before, child.cpuMs()]).then(([usedBefore, used]) => {
        if (used - usedBefore > maxCpuMs) tooLong(maxCpuMs);
      });
    }, cpuCheckMs);
  });
  const work = child.send(request);
  // After a cut the process is killed, and the rejection of its answer is of no interest.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    clearInterval(cpuTimer);
    signal.removeEventListener('abort', onAbort);
  }
}
