import type { RunDetail } from '../../../core/api/runs.ts';
import type { Workflow } from '../../../core/api/workflows.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { queryKeys, type AppServices } from '../../api/context.ts';
import { ApiError } from '../../api/api-error.ts';
import { uploadFile } from '../../api/upload-file.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import { mendedNotice } from '../../graph/mend-parents.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { createLiveConnection, type LiveConnection } from '../../live/live-connection.ts';
import { createAutosave, type Autosave } from '../../store/autosave.ts';
import type { Draft, Drafts } from '../../store/drafts.ts';
import { createWorkflowStore, type WorkflowStoreApi } from '../../store/workflow-store.ts';
import { createUploads, type Uploads } from '../files/uploads.ts';

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

function createLive(
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
    nextFrame,
    accessToken: () => services.accessToken.get(),
  });
}

/** What a workflow is opened with, beside what the server has. */
export interface KeptChanges {
  /** Changes of an earlier visit; null where there are none. */
  readonly draft: Draft | null;
  readonly drafts: Drafts;
  /** Other tabs are to hear of it. */
  readonly onSaved: (version: number) => void;
}

/** A workflow that is being edited. It shows its newest run, and every run that begins from then on. */
export function createWorkflowSession(
  services: AppServices,
  catalogue: Catalogue,
  workflow: Workflow,
  { draft, drafts, onSaved }: KeptChanges,
): EditSession {
  const { api, queries, notify, createId } = services;
  const live = createLive(services, workflow.id, workflow.id, (version) => void autosave.hear(version));
  const begun = fromGraph(draft?.graph ?? workflow.data);
  const store = createWorkflowStore(
    {
      catalogue,
      createId,
      now: () => performance.now(),
      notify,
      startRun: async (body) => {
        await autosave.flush();
        const { version } = autosave.state.getState();
        try {
          const run = await api.startRun(workflow.id, { ...body, version });
          live.follow(run.id);
        } catch (error) {
          if (!(error instanceof ApiError) || error.code !== 'WORKFLOW_VERSION_CONFLICT') throw error;
          await autosave.hear(null);
          throw new Error('This workflow was changed elsewhere: what is shown here is not the newest version.');
        } finally {
          void queries.invalidateQueries({ queryKey: queryKeys.runs(workflow.id) });
        }
      },
    },
    begun,
  );
  const autosave = createAutosave({
    store,
    workflow,
    draft,
    save: async (change) => {
      const saved = await api.updateWorkflow(workflow.id, { ...change, draft: true });
      queries.setQueryData(queryKeys.workflow(workflow.id), saved);
      if (change.name !== undefined) void queries.invalidateQueries({ queryKey: queryKeys.workflows });
      onSaved(saved.version);
      return saved;
    },
    load: () => api.getWorkflow(workflow.id),
    keep: (kept) => drafts.keep(kept),
    forget: () => drafts.forget(workflow.id),
    onFindings: (findings) => store.getState().setFindings(findings),
  });
  const uploads = createUploads({
    upload: uploadFile,
    onDone: (nodeId, asset, cameWith) => {
      const file = { url: asset.url, name: asset.name, type: asset.mimeType };
      store.getState().receiveFile(nodeId, { file, image: undefined, video: undefined }, cameWith);
    },
  });
  const isUploading = () => Object.values(uploads.state.getState()).some(({ error }) => error === null);
  return {
    store,
    live,
    uploads,
    autosave,
    isUploading,
    isAtRest: () => {
      const { status } = autosave.state.getState();
      return (status === 'saved' || status === 'outdated') && !isUploading();
    },
    start: () => {
      autosave.start();
      if (begun.mended > 0) notify(mendedNotice(begun.mended));
    },
    stop: () => {
      autosave.stop();
      live.stop();
      uploads.stop();
    },
  };
}

/** A workflow that is being edited, on a page or by what goes on behind it. */
export interface EditSession extends WorkflowSession {
  readonly autosave: Autosave;
  isUploading(): boolean;
  /** Everything is on the server: nothing is lost where it ends. */
  isAtRest(): boolean;
}

/** A look at one run: the graph as it was then, with the states of that run. */
export function createRunSession(
  services: AppServices,
  catalogue: Catalogue,
  run: RunDetail,
  graph: Graph,
): WorkflowSession {
  const live = createLive(services, null, run.workflowId, () => undefined);
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
