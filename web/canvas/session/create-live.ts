import { queryKeys, type AppServices } from '../../api/context.ts';
import { createLiveConnection, type LiveConnection } from '../../live/live-connection.ts';
import { createPace } from '../../live/pace.ts';
import { pageMotion } from '../../ui/page-motion.ts';

const nextFrame = (apply: () => void) => {
  // A page in the background gets no frames, but its state must not fall behind.
  if (document.hidden) setTimeout(apply, 0);
  else requestAnimationFrame(apply);
};

/**
 * Live events for a session. `workflowId` follows every run of a workflow; null follows those that the session names.
 * Lists of the runs of `changedRunsOf` are read again when one of them changes.
 */
export function createLive(
  services: AppServices,
  workflowId: number | null,
  changedRunsOf: number,
  onVersion: (version: number) => void,
): LiveConnection {
  return createLiveConnection({
    workflowId,
    getRun: (runId) => services.api.getRun(runId),
    getRunEvents: (runId, after) => services.api.getRunEvents(runId, after),
    newestRun: async () => {
      const { items } = await services.api.listRuns(changedRunsOf, { limit: 1 });
      return items[0] ?? null;
    },
    onRunChange: (runId) => {
      void services.queries.invalidateQueries({ queryKey: queryKeys.runs(changedRunsOf) });
      void services.queries.invalidateQueries({ queryKey: queryKeys.run(runId) });
    },
    onVersion,
    pace: createPace({
      nextFrame,
      later: (apply, ms) => void setTimeout(apply, ms),
      now: () => performance.now(),
      isMoving: pageMotion.isUnderWay,
    }),
    accessToken: () => services.accessToken.get(),
  });
}
