import { availableParallelism } from 'node:os';
import { v7 as newId } from 'uuid';
import { secretsOf } from '../config/secret-values.ts';
import { readVersion } from '../config/version.ts';
import { endOnRejections, openProgramLog, printLine, runProgram, stopOnSignals } from '../boot/program.ts';
import { createScrubber } from '../core/scrub.ts';
import { ownEnvironment, readConfig } from './config.ts';
import { watchLoop } from './loop-watchdog.ts';
import { loneVariable, type LoneOrder } from './lone-attempts.ts';
import { executeLoneAttempt, startWorker, type StartOptions } from './start-worker.ts';

/*
 * The worker process. On stdout it tells when it is ready. SIGTERM drains: what
 * runs is finished or handed back; after a second one others rescue it.
 */

/** What programs beside the product's own bring along. */
export type WorkerExtras = Pick<StartOptions, 'nodes' | 'at'>;

async function main(extras: WorkerExtras): Promise<void> {
  const environment = ownEnvironment();
  const config = readConfig(availableParallelism(), environment);
  const scrubber = createScrubber(secretsOf(config));
  const logger = openProgramLog({ process: 'worker', level: config.logLevel, scrubber });
  const die = (error: unknown) => {
    logger.fatal({ err: error }, 'an error escaped; the attempts of this worker are rescued by others');
    process.exit(1);
  };
  endOnRejections(logger, die);
  process.on('uncaughtException', die);

  if (environment[loneVariable] === '1') {
    await runLone({ config, logger, scrubber, version: readVersion(), newId, ...extras });
    return;
  }

  let stopWorker: (() => Promise<void>) | undefined;
  stopOnSignals(logger, async (signal) => {
    logger.info({ signal }, 'worker is draining');
    await stopWorker?.();
  });

  const worker = await startWorker({
    config,
    logger,
    scrubber,
    version: readVersion(),
    newId,
    environment,
    ...extras,
  });
  stopWorker = worker.stop;
  // From here on: loading the program and connecting is no fault of a node.
  if (config.maxLoopLagMs > 0) watchLoop({ maxLagMs: config.maxLoopLagMs });
  printLine({ ready: true, pid: process.pid });
}

/**
 * Executes one attempt on the order of the worker that started this process, and ends. Signals are that one's to pass on:
 * a terminal sends them to both. Its death is no reason to stop.
 */
async function runLone(options: StartOptions): Promise<void> {
  let isStopped = false;
  let stop = () => {
    isStopped = true;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  const ordered = new Promise<Extract<LoneOrder, { kind: 'execute' }>>((resolve) => {
    process.on('message', (order: LoneOrder) => {
      if (order.kind === 'execute') resolve(order);
      else stop();
    });
  });
  const order = await ordered;
  await executeLoneAttempt(options, order, {
    onStop: (how) => {
      stop = how;
      if (isStopped) how();
    },
    onTakenOver: async () => {
      // Told before anything of the node can end this process. Without a parent there is nobody to tell.
      await new Promise<void>((resolve) => {
        if (process.send === undefined) resolve();
        else process.send('taken over', () => resolve());
      });
      if (options.config.maxLoopLagMs > 0) watchLoop({ maxLagMs: options.config.maxLoopLagMs });
    },
  });
  process.exit(0);
}

/** Runs a worker in this process until a signal ends it. */
export function runWorker(extras: WorkerExtras = {}): void {
  runProgram('worker', () => main(extras));
}
