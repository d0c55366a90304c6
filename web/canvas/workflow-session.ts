import type { RunDetail } from '../../core/api/runs.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { queryKeys, type AppServices } from '../api/context.ts';
import { uploadFile } from '../api/upload-file.ts';
import { fromGraph } from '../graph/canvas-graph.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { createLiveConnection, type LiveConnection } from '../live/live-connection.ts';
import { createAutosave, type Autosave } from '../store/autosave.ts';
import { createWorkflowStore, type WorkflowStoreApi } from '../store/workflow-store.ts';
import { createUploads, type Uploads } from './uploads.ts';

/** One open workflow with all that keeps it alive: the store, saving, live events, uploads. */
export interface WorkflowSession {
  readonly store: WorkflowStoreApi;
  readonly live: LiveConnection;
  readonly uploads: Uploads;
  /** Null where nothing can be changed. */
  readonly autosave: Autosave | null;
  start(): void;
  stop(): void;
}

const nextFrame = (apply: () => void) => {
  // A page in the background gets no frames, but its state must not fall behind.
  if (document.hidden) setTimeout(apply, 0);
  else requestAnimationFrame(apply);
};

function createLive(services: AppServices, workflowId: number | null, changedRunsOf: number): LiveConnection {
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
    nextFrame,
    accessToken: () => services.accessToken.get(),
  });
}

/** A workflow that is being edited. It shows its newest run, and every run that begins from then on. */
export function createWorkflowSession(
  services: AppServices,
  catalogue: Catalogue,
  workflow: Workflow,
): WorkflowSession {
  const { api, queries, notify, createId } = services;
  const live = createLive(services, workflow.id, workflow.id);
  const store = createWorkflowStore(
    {
      catalogue,
      createId,
      now: () => performance.now(),
      notify,
      startRun: async (body) => {
        await autosave.flush();
        const run = await api.startRun(workflow.id, body);
        live.follow(run.id);
        void queries.invalidateQueries({ queryKey: queryKeys.runs(workflow.id) });
      },
    },
    fromGraph(workflow.data),
  );
  const autosave = createAutosave({
    store,
    version: workflow.version,
    save: async (data, version) => {
      const saved = await api.updateWorkflow(workflow.id, { data, ...(version !== null && { version }) });
      queries.setQueryData(queryKeys.workflow(workflow.id), saved);
      return saved;
    },
    rename: (name, version) => api.updateWorkflow(workflow.id, { name, version }),
  });
  const uploads = createUploads({
    upload: uploadFile,
    onDone: (nodeId, asset) =>
      store.getState().updateNodeData(nodeId, {
        file: { url: asset.url, name: asset.name, type: asset.mimeType },
        image: undefined,
        video: undefined,
      }),
  });
  return {
    store,
    live,
    uploads,
    autosave,
    start: () => {
      autosave.start();
      live.start();
    },
    stop: () => {
      autosave.flush().catch(() => undefined);
      autosave.stop();
      live.stop();
      uploads.stop();
    },
  };
}

/** A look at one run: the graph as it was then, with the states of that run. */
export function createRunSession(
  services: AppServices,
  catalogue: Catalogue,
  run: RunDetail,
  graph: Graph,
): WorkflowSession {
  const live = createLive(services, null, run.workflowId);
  const store = createWorkflowStore(
    {
      catalogue,
      createId: services.createId,
      now: () => performance.now(),
      notify: services.notify,
      startRun: () => Promise.reject(new Error('This is an earlier run. Go back to the workflow to run it.')),
    },
    fromGraph(graph),
  );
  live.runs.show(run, run.seq);
  return {
    store,
    live,
    uploads: createUploads({ upload: uploadFile, onDone: () => undefined }),
    autosave: null,
    start: () => {
      live.start();
      live.follow(run.id);
    },
    stop: () => live.stop(),
  };
}
