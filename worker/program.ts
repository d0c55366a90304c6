import { availableParallelism } from 'node:os';
import { destination, pino } from 'pino';
import { v7 as newId } from 'uuid';
import { endProgram } from '../config/end-of-program.ts';
import { scrubbedOutput } from '../config/scrubbed-output.ts';
import { secretsOf } from '../config/secret-values.ts';
import { readVersion } from '../config/version.ts';
import { isTransientDatabaseError } from '../engine/outage.ts';
import { ServicesAwayError } from '../boot/start-when-answered.ts';
import { createScrubber } from '../core/scrub.ts';
import { ownEnvironment, readConfig } from './config.ts';
import { watchLoop } from './loop-watchdog.ts';
import { loneVariable, type LoneOrder } from './lone-attempts.ts';
import { executeLoneAttempt, startWorker, type StartOptions } from './start-worker.ts';

/*
 * The worker process. Its log goes to stderr; stdout carries one JSON line when
 * it is ready. SIGTERM drains: what runs is finished or handed back.
 */

/** What programs beside the product's own bring along. */
export type WorkerExtras = Pick<StartOptions, 'nodes' | 'at'>;

async function main(extras: WorkerExtras): Promise<void> {
  const environment = ownEnvironment();
  const config = readConfig(availableParallelism(), environment);
  const scrubber = createScrubber(secretsOf(config));
  const logger = pino(
    { level: config.logLevel, base: { process: 'worker' } },
    scrubbedOutput(destination({ dest: 2, sync: true }), scrubber),
  );
  const die = (error: unknown) => {
    logger.fatal({ err: error }, 'an error escaped; the attempts of this worker are rescued by others');
    process.exit(1);
  };
  process.on('unhandledRejection', (error) => {
    // Where the queue lives in Postgres, BullMQ asks it things that nobody waits for: an outage there is none of ours.
    if (isTransientDatabaseError(error))
      logger.warn({ err: error }, 'the database broke off something nobody waits for');
    else die(error);
  });
  process.on('uncaughtException', die);

  if (environment[loneVariable] === '1') {
    await runLone({ config, logger, scrubber, version: readVersion(), newId, ...extras });
    return;
  }

  let stopWorker: (() => Promise<void>) | undefined;
  let isStopping = false;
  const stop = (signal: string) => {
    // A second signal while stopping is impatience: leave at once, others rescue.
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'worker is draining');
    void (stopWorker?.() ?? Promise.resolve()).then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));

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
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
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
  main(extras).catch((error: unknown) => {
    // One plain line; a stack would hide what to do.
    process.stderr.write(`heddle worker: ${error instanceof Error ? error.message : String(error)}\n`);
    endProgram(error instanceof ServicesAwayError);
  });
}
