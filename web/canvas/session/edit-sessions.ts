import { z } from 'zod';
import { allows } from '../../../core/scope.ts';
import { canonicalJson } from '../../../core/graph/canonical-json.ts';
import { ApiError } from '../../api/api-error.ts';
import { queryKeys, type AppServices } from '../../api/context.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { createDrafts, type Draft, type Drafts } from '../../store/drafts.ts';
import { createPageIdentity, storageOf } from '../../store/page-identity.ts';
import { createEditSession, roleOn, type EditSession } from './edit-session.ts';
import type { Workflow } from '../../../core/api/workflows.ts';
import { loadForGraph } from '../../graph/load-for-graph.ts';

/** A workflow on a page: what it is now, and its session until `release`. */
export interface OpenedWorkflow {
  readonly workflow: Workflow;
  readonly session: EditSession;
  release(): void;
}

/**
 * The workflows that are edited. A session outlives its page until everything
 * of it is on the server: a page that opens the workflow meanwhile goes on with
 * it, and no page ever reads what is older than what was typed.
 */
export interface EditSessions {
  open(id: number, catalogue: Catalogue): Promise<OpenedWorkflow>;
  /** Sends what earlier visits left in this browser, where nobody has changed the workflow since. */
  sendDrafts(except: number | null): Promise<void>;
}

interface Entry {
  readonly workflow: Workflow;
  readonly session: EditSession;
  users: number;
}

const newsSchema = z.object({ userId: z.string(), workflowId: z.number(), version: z.number() });

const known = new WeakMap<AppServices, EditSessions>();

/** The sessions of this app: one for each workflow, whichever page asks. */
export function sessionsOf(services: AppServices): EditSessions {
  const sessions = known.get(services) ?? createEditSessions(services);
  known.set(services, sessions);
  return sessions;
}

function createEditSessions(services: AppServices): EditSessions {
  const { api, queries, notify, createId } = services;
  const entries = new Map<number, Promise<Entry>>();
  const settled = new Map<number, Entry>();
  const me = z.object({ id: z.string() }).safeParse(queries.getQueryData(queryKeys.me));
  const userId = me.success ? me.data.id : '';
  const drafts: Drafts = createDrafts({
    // Without an account nothing is kept: nobody could be told apart.
    storage: userId === '' ? null : storageOf('localStorage'),
    userId,
    page: createPageIdentity(createId()),
    now: () => Date.now(),
  });
  const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('heddle.workflows') : null;
  tabs?.addEventListener('message', ({ data }) => {
    const news = newsSchema.safeParse(data);
    if (!news.success || news.data.userId !== userId) return;
    void settled.get(news.data.workflowId)?.session.autosave.hear(news.data.version);
  });

  const eachSession = (act: (session: EditSession) => void) => settled.forEach(({ session }) => act(session));
  window.addEventListener('online', () => eachSession(({ autosave }) => autosave.hurry()));
  window.addEventListener('pagehide', () => eachSession(({ autosave }) => autosave.keepNow()));
  document.addEventListener('visibilitychange', () => {
    eachSession(({ autosave, live }) => {
      if (document.hidden) autosave.keepNow();
      else if (live.runs.api.getState().connection !== 'online') void autosave.hear(null);
    });
  });
  window.addEventListener('beforeunload', (event) => {
    eachSession((session) => {
      // Asked only where something would be lost: what is kept in the browser is sent by the next visit.
      if (!session.autosave.keepNow() || session.isUploading()) event.preventDefault();
    });
  });
  services.beforeSignOut.add(async () => {
    const sessions = [...settled.values()].map(({ session }) => session);
    await Promise.allSettled(sessions.map(({ autosave }) => autosave.flush()));
  });

  async function load(id: number): Promise<{ workflow: Workflow; draft: Draft | null }> {
    const workflow = await api.getWorkflow(id);
    // What was kept waits for a role that may change it again.
    const draft = allows(roleOn(workflow), 'editor') ? await drafts.adopt(id) : null;
    if (draft === null) return { workflow, draft };
    await loadForGraph(draft.graph);
    if (draft.name === workflow.name && isSame(draft, workflow)) {
      drafts.forget(id);
      return { workflow, draft: null };
    }
    return { workflow, draft };
  }

  async function begin(id: number, catalogue: Catalogue): Promise<Entry> {
    const { workflow, draft } = await load(id);
    const session = createEditSession(services, catalogue, workflow, {
      draft,
      drafts,
      onSaved: (version) => tabs?.postMessage({ userId, workflowId: id, version }),
    });
    const entry: Entry = { workflow, session, users: 0 };
    settled.set(id, entry);
    session.start();
    const drop = () => dropAtRest(id, entry);
    session.autosave.state.subscribe(drop);
    session.uploads.state.subscribe(drop);
    if (draft !== null && session.autosave.state.getState().status === 'dirty') {
      notify({
        title: 'Unsaved changes restored',
        description: 'They were kept in this browser and are being saved now.',
        kind: 'success',
      });
    }
    return entry;
  }

  /** Ends a session that no page shows and that has nothing left to send. */
  function dropAtRest(id: number, entry: Entry): void {
    if (entry.users > 0 || !entry.session.isAtRest() || settled.get(id) !== entry) return;
    settled.delete(id);
    entries.delete(id);
    entry.session.stop();
  }

  function release(id: number, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.session.live.stop();
    // A save that fails shows again with the workflow, and is tried again meanwhile.
    entry.session.autosave.flush().catch(() => undefined);
    dropAtRest(id, entry);
  }

  return {
    open: async (id, catalogue) => {
      const opening = entries.get(id) ?? begin(id, catalogue);
      entries.set(id, opening);
      const entry = await opening.catch((error: unknown) => {
        entries.delete(id);
        throw error;
      });
      entry.users += 1;
      if (entry.users === 1) entry.session.live.start();
      let isReleased = false;
      return {
        workflow: entry.workflow,
        session: entry.session,
        release: () => {
          if (!isReleased) release(id, entry);
          isReleased = true;
        },
      };
    },
    sendDrafts: async (except) => {
      for (const id of await drafts.orphans()) {
        if (id === except || entries.has(id)) continue;
        await sendDraft(id).catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
        });
      }
    },
  };

  /** What cannot be sent is left for whoever opens the workflow. */
  async function sendDraft(id: number): Promise<void> {
    const { workflow, draft } = await load(id);
    if (draft === null) return;
    const isOnIt = draft.base === workflow.version || (draft.sent !== null && isSame({ graph: draft.sent }, workflow));
    if (!isOnIt || entries.has(id)) return;
    const { name, graph } = draft;
    await api.updateWorkflow(id, { name, data: graph, version: workflow.version, draft: true });
    drafts.forget(id);
    void queries.invalidateQueries({ queryKey: queryKeys.workflows });
    notify({
      title: `Saved your changes to “${name}”`,
      description: 'They could not be sent on your last visit.',
      kind: 'success',
    });
  }
}

function isSame({ graph }: Pick<Draft, 'graph'>, { data }: Workflow): boolean {
  const text = ({ nodes, edges, settings }: Pick<Draft['graph'], 'nodes' | 'edges' | 'settings'>) =>
    canonicalJson({ nodes, edges, settings });
  return text(graph) === text(data);
}
