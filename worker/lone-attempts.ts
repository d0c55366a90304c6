import { fork, type ChildProcess } from 'node:child_process';
import type pg from 'pg';
import { maxCrashes, maxUnrecorded } from '../core/run/decide.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { restartClocks } from '../db/nodes/restart-clocks.ts';
import { handedBack, handedBackUnrecorded } from './hand-back.ts';
import { AttemptStopped, type AttemptRegistry } from './attempts.ts';
import type { Recorder } from './record.ts';

/*
 * A worker that dies takes all its attempts with it, and nobody can say which of
 * them it was. So an attempt that was there at two deaths runs alone: in a
 * process of its own, with a session and a lease of its own, which takes it over
 * from this worker. Where that process dies, it was this attempt. The death of
 * this worker, meanwhile, says nothing about it (see find-overdue-work.ts).
 */
export interface LoneAttempts {
  /**
   * Takes an attempt that this worker has claimed, once. Resolves when its process has ended. Never throws.
   *
   * @param registered of an attempt that waited for its place: it is registered already
   */
  run(claim: Claim, registered?: AbortController): Promise<void>;
  /** Hands back what waits for a process, and asks the processes to hand back what they run. */
  drain(): void;
  /** Hands back what is still under way. */
  stop(): void;
}

/** What a process is told. */
export type LoneOrder =
  { readonly kind: 'execute'; readonly claim: Claim; readonly parentId: string } | { readonly kind: 'stop' };

/** Whether nobody can say any more that an attempt has nothing to do with the deaths that it was there at. */
export function isSuspect({ crashCount }: { readonly crashCount: number }): boolean {
  return crashCount >= maxCrashes - 1;
}

/** The variable by which the program knows that it is such a process. */
export const loneVariable = 'HEDDLE_LONE_ATTEMPT';

/** A process takes some 100 MB and connections of its own; what is beyond waits, without a place of the worker. */
const mostProcesses = 1;
/** While they wait, the time limits of attempts begin anew so often. */
const restartEveryMs = 5_000;
/** Where no process takes the attempt over, it comes back after this long: sooner the first time than later. */
const againMs = [5_000, 60_000];
/** A process that was told to stop has this long. */
const stopMs = 10_000;

interface LoneAttemptsDependencies {
  readonly pool: pg.Pool;
  readonly workerId: () => string;
  readonly attempts: AttemptRegistry;
  readonly recorder: Pick<Recorder, 'requeue' | 'fail'>;
  readonly logger: Logger;
  readonly fork: () => ChildProcess;
}

/** The program of this process once more, as it was started, but for one attempt. */
export function forkOwnProgram(environment: Readonly<Record<string, string | undefined>>): ChildProcess {
  return fork(process.argv[1]!, process.argv.slice(2), {
    env: { ...environment, [loneVariable]: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** Begins no process before one is needed; the clocks of what waits are renewed from the start on. */
export function createLoneAttempts(dependencies: LoneAttemptsDependencies): LoneAttempts {
  const { pool, workerId, attempts, recorder, logger } = dependencies;
  const waiting = new Map<Claim, (outcome: 'begin' | 'drain' | 'gone') => void>();
  const children = new Set<ChildProcess>();
  let places = mostProcesses;
  let isDraining = false;

  const timer = setInterval(() => {
    if (waiting.size === 0) return;
    restartClocks(pool, [...waiting.keys()]).catch((error: unknown) => {
      logger.warn({ err: error }, 'could not renew the time limits of attempts that wait for a process');
    });
  }, restartEveryMs);
  timer.unref();

  function takePlace(claim: Claim, signal: AbortSignal): Promise<'begin' | 'drain' | 'gone'> {
    if (isDraining) return Promise.resolve('drain');
    if (places > 0) {
      places -= 1;
      return Promise.resolve('begin');
    }
    return new Promise((resolve) => {
      const settle = (outcome: 'begin' | 'drain' | 'gone') => {
        waiting.delete(claim);
        resolve(outcome);
      };
      waiting.set(claim, settle);
      signal.addEventListener('abort', () => waiting.get(claim)?.('gone'), { once: true });
    });
  }

  function leavePlace(): void {
    const [next] = waiting.values();
    if (next === undefined) places += 1;
    else next('begin');
  }

  /** Resolves with whether the process has taken the attempt over; when it has ended. */
  function execute(claim: Claim): Promise<boolean> {
    return new Promise((resolve) => {
      let hasTakenOver = false;
      const child = dependencies.fork();
      children.add(child);
      const end = () => {
        children.delete(child);
        resolve(hasTakenOver);
      };
      child.once('exit', (code, signal) => {
        const { id, runId, nodeId, attempt } = claim;
        const fields = { runId, nodeExecutionId: id, nodeId, attempt, code, signal };
        if (code !== 0) logger.warn(fields, 'the process of an attempt that ran alone died');
        end();
      });
      // More than one may come, such as when it cannot be ended either.
      child.on('error', (error) => {
        logger.warn({ err: error }, 'no process for an attempt that runs alone');
        end();
      });
      child.on('message', (message) => {
        hasTakenOver ||= message === 'taken over';
      });
      const order: LoneOrder = { kind: 'execute', claim, parentId: workerId() };
      child.send(order, () => {});
    });
  }

  /** Hands an attempt back that waits for a process no longer. */
  async function handBack(claim: Claim): Promise<void> {
    await recorder.requeue(handedBack(claim));
  }

  /** No process has taken the attempt over. Others may fare better, but not without end. */
  async function giveUp(claim: Claim): Promise<void> {
    const { id, runId, nodeId, attempt, unrecordedCount } = claim;
    const delayMs = againMs[unrecordedCount];
    if (unrecordedCount + 1 < maxUnrecorded && delayMs !== undefined) {
      await recorder.requeue(handedBackUnrecorded(claim, delayMs));
      return;
    }
    const message = `Node "${nodeId}" was there when two workers died, and has to run in a process of its own. None could be started, ${maxUnrecorded} times. The log of the worker has the reason.`;
    await recorder.fail({ id, runId, attempt, code: 'INTERNAL', message, inputs: null, crashed: false });
  }

  return {
    run: async (claim, registered) => {
      const { id, runId, nodeId, attempt } = claim;
      const stop = registered ?? attempts.add({ id, runId, nodeId, attempt, startedAt: Date.now() });
      if (stop === null) return;
      try {
        logger.info(
          { runId, nodeExecutionId: id, nodeId, attempt },
          'an attempt that was there at two deaths runs alone',
        );
        const outcome = await takePlace(claim, stop.signal);
        if (outcome === 'drain') await handBack(claim);
        if (outcome !== 'begin') return;
        try {
          const isTaken = await execute(claim);
          if (isTaken || isGone(stop.signal)) return;
          await (isDraining ? handBack(claim) : giveUp(claim));
        } finally {
          leavePlace();
        }
      } catch (error) {
        logger.warn({ err: error }, 'could not hand back an attempt that was to run alone');
      } finally {
        attempts.remove(id, attempt);
      }
    },
    drain: () => {
      isDraining = true;
      for (const settle of [...waiting.values()]) settle('drain');
    },
    stop: () => {
      for (const child of children) {
        const order: LoneOrder = { kind: 'stop' };
        child.send(order, () => {});
        const force = setTimeout(() => child.kill('SIGKILL'), stopMs);
        child.once('exit', () => clearTimeout(force));
      }
    },
  };
}

/** Whether the attempt is not ours any more, so that there is nothing to hand back. */
function isGone({ reason }: AbortSignal): boolean {
  return reason instanceof AttemptStopped && reason.reason === 'gone';
}
