import type { Workflow } from '../../../core/api/workflows.ts';
import { allows, type WorkspaceRole } from '../../../core/scope.ts';
import { queryKeys, type AppServices } from '../../api/context.ts';
import { ApiError } from '../../api/api-error.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import { fileFieldsOf } from '../../graph/form-fields.ts';
import { receiveItem } from '../files/list-items.ts';
import { mendedNotice } from '../../graph/mend-parents.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { createAutosave, type Autosave } from '../../store/autosave.ts';
import type { Draft, Drafts } from '../../store/drafts.ts';
import { createWorkflowStore } from '../../store/workflow-store.ts';
import { uploadLater } from '../files/upload-later.ts';
import { createUploads } from '../files/uploads.ts';
import { createLive } from './create-live.ts';
import type { ViewSession } from './view-session.ts';

/** A workflow that is being edited, on a page or by what goes on behind it. */
export interface EditSession extends ViewSession {
  readonly autosave: Autosave;
  isUploading(): boolean;
  /** Everything is on the server: nothing is lost where it ends. */
  isAtRest(): boolean;
}

/** What the account may do with a workflow; a server of an earlier version does not say, and refuses what it may not. */
export const roleOn = ({ role = 'admin' }: Pick<Workflow, 'role'>): WorkspaceRole => role;

/** What a workflow is opened with, beside what the server has. */
export interface KeptChanges {
  /** Changes of an earlier visit; null where there are none. */
  readonly draft: Draft | null;
  readonly drafts: Drafts;
  /** Other tabs are to hear of it. */
  readonly onSaved: (version: number) => void;
}

/** A workflow that is being edited. It shows its newest run, and every run that begins from then on. */
export function createEditSession(
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
          throw new Error('This workflow was changed elsewhere. You are not looking at the latest version.');
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
    canSave: allows(roleOn(workflow), 'editor'),
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
    upload: uploadLater,
    onDone: ({ nodeId, field, item }, asset, cameWith) => {
      if (item !== undefined) {
        receiveItem(store, { nodeId, field, item }, asset.url);
        return;
      }
      const type = store.getState().nodes.find(({ id }) => id === nodeId)?.type ?? '';
      const address = fileFieldsOf(catalogue.get(type)).find(({ name }) => name === field)?.addressField;
      const file = { url: asset.url, name: asset.name, type: asset.mimeType };
      store
        .getState()
        .receiveFile(nodeId, { [field]: file, ...(address !== undefined && { [address]: undefined }) }, cameWith);
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
