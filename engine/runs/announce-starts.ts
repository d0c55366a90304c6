import type { Logger } from '../../core/node-type/executor.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import type { StartedInGroup } from './run-starts.ts';
import type { RunTurns } from './run-turns.ts';

/**
 * Wakes workers for a group of runs that was just written, and tells servers of them. Not awaited: the runs are durable,
 * and requests must not hang while the queue is away.
 */
export function announceStarts(
  {
    queue,
    notices,
    turns,
    logger,
  }: {
    readonly queue: Pick<RunQueue, 'addRuns'>;
    readonly notices: Pick<NoticeChannel, 'publish'>;
    readonly turns: RunTurns;
    readonly logger: Logger;
  },
  group: readonly StartedInGroup[],
): void {
  for (const { run, turn } of group) if (turn === 'waiting') turns.waits(run.id);
  // One that was there already may have lost its job.
  const runIds = group.flatMap(({ run, turn }) => (turn === 'waiting' ? [] : [run.id]));
  if (runIds.length > 0) {
    queue.addRuns(runIds).catch((error: unknown) => {
      logger.warn({ runIds, err: error }, 'the queue did not take runs; the sweeper will add them');
    });
  }
  void notices.publish(
    group.map(({ run }) => ({ kind: 'events' as const, runId: run.id, workflowId: run.workflowId, seq: 1 })),
  );
}
