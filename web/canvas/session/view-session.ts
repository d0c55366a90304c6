import type { RunDetail } from '../../../core/api/runs.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import type { AppServices } from '../../api/context.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import type { LiveConnection } from '../../live/live-connection.ts';
import { createWorkflowStore, type WorkflowStoreApi } from '../../store/workflow-store.ts';
import { uploadLater } from '../files/upload-later.ts';
import { createUploads, type Uploads } from '../files/uploads.ts';
import { createLive } from './create-live.ts';

/** One graph on the screen with all that keeps it alive. It can be looked at; EditSession adds what changing it takes. */
export interface ViewSession {
  readonly store: WorkflowStoreApi;
  readonly live: LiveConnection;
  readonly uploads: Uploads;
  start(): void;
  stop(): void;
}

/** A look at one run: the graph as it was then, with the states of that run. */
export function createRunSession(
  services: AppServices,
  catalogue: Catalogue,
  run: RunDetail,
  graph: Graph,
): ViewSession {
  const live = createLive(services, null, run.workflowId, () => undefined);
  const store = createWorkflowStore(
    {
      catalogue,
      createId: services.createId,
      now: () => performance.now(),
      notify: services.notify,
      startRun: () => Promise.reject(new Error('This is a past run. Go back to the workflow to run it.')),
    },
    fromGraph(graph),
  );
  live.runs.show(run, run.seq);
  return {
    store,
    live,
    uploads: createUploads({ upload: uploadLater, onDone: () => undefined }),
    start: () => {
      live.start();
      live.follow(run.id);
    },
    stop: () => live.stop(),
  };
}
