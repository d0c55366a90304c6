import type { ApiFinding } from '../../core/api/common.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { ApiError } from '../api/api-error.ts';
import { fromGraph, toGraph } from '../graph/canvas-graph.ts';
import type { Draft } from './drafts.ts';
import { createHeldBack } from './held-back.ts';
import type { WorkflowStoreApi } from './workflow-store.ts';

/**
 * - dirty: changes wait for a pause in the work
 * - offline: the server could not be reached; tried again until it can
 * - partly: the server has all but what it refused; that is tried again when it changes
 * - refused: the server took nothing of it; saved again with the next change
 * - outdated: somebody else saved, and nothing was changed here
 * - conflict: somebody else saved in between; nothing is saved until the user has chosen
 */
export type SaveStatus = 'saved' | 'dirty' | 'saving' | 'offline' | 'partly' | 'refused' | 'outdated' | 'conflict';

/** How saving stands, and why. */
export interface SaveState {
  readonly status: SaveStatus;
  /** The version on the server that the canvas is based on. */
  readonly version: number;
  readonly name: string;
  /** Why the server refused, in words. */
  readonly reason: string | null;
  /** Whether this browser keeps what is not saved, so that the page can be left. */
  readonly isKept: boolean;
}

/** A change as it is sent; what did not change is left out. */
export interface WorkflowChange {
  readonly data?: Graph;
  readonly name?: string;
  /** The version that it was made on; left out to change whatever is there. */
  readonly version?: number;
}

/** What is saved and where it goes. */
export interface AutosaveDeps {
  readonly store: WorkflowStoreApi;
  /** The workflow as the server has it. */
  readonly workflow: Workflow;
  /** Changes from an earlier visit that the store begins with; null where it begins with the workflow. */
  readonly draft: Draft | null;
  /** Default true; false: nothing can be changed here, and nothing is ever sent or kept. */
  readonly canSave?: boolean;
  /** Throws ApiError. */
  readonly save: (change: WorkflowChange) => Promise<Workflow>;
  /** The workflow as the server has it now. Throws ApiError. */
  readonly load: () => Promise<Workflow>;
  /** Keeps what is not saved in the browser; false where it cannot. */
  readonly keep: (draft: Draft) => boolean;
  readonly forget: () => void;
  /** What keeps nodes from running, or from being saved, after each answer. */
  readonly onFindings: (findings: readonly ApiFinding[]) => void;
  /** Default 800 ms: a pause in the work, not in a word. */
  readonly delayMs?: number;
  /** First wait after a failed try; doubles up to 30 s. Default 1000 ms. */
  readonly retryMs?: number;
}

/** Saves one open workflow by itself, shortly after each change. */
export interface Autosave {
  readonly state: StoreApi<SaveState>;
  start(): void;
  /** Stops watching; a save under way still ends. */
  stop(): void;
  /** Saves now; resolves when the server has it. Throws where it cannot be saved. */
  flush(): Promise<void>;
  /** Tries at once what waits for a server out of reach. */
  hurry(): void;
  /** Puts what is not saved into the browser's storage now; false where it cannot. True where there is nothing. */
  keepNow(): boolean;
  /** After a conflict: saves over what is there, which is one step back then. */
  overwrite(): Promise<void>;
  /** Shows the version of the server; what stood here is one step back. */
  takeTheirs(): Promise<void>;
  /** Gives the workflow another name, with the next save. */
  rename(name: string): void;
  /** The workflow is said to be at this version; null looks whether it is at another one. */
  hear(version: number | null): Promise<void>;
}

const maxRetryMs = 30_000;
/** How long after a change it is kept in the browser at the latest. */
const keepMs = 300;
/** Requests for one save: each refusal names what is left out of the next. */
const maxTries = 6;
/** Sends without an answer that are remembered: the server may have any of them. */
const rememberedSends = 3;

/** Saves the graph of a store some time after each change, one request at a time. */
export function createAutosave(deps: AutosaveDeps): Autosave {
  const { store, workflow, draft, canSave = true, delayMs = 800, retryMs = 1_000 } = deps;
  const state = createStore<SaveState>()(() => ({
    status: 'saved',
    version: workflow.version,
    name: draft?.name ?? workflow.name,
    reason: null,
    isKept: true,
  }));
  let accepted = graphOf(workflow);
  const held = createHeldBack(accepted);
  let savedName = workflow.name;
  /** The revision of the store that the server has; -1 where it has none of them. */
  let savedRevision = draft === null ? store.getState().revision : -1;
  let sends: readonly Graph[] = draft?.sent == null ? [] : [draft.sent];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let keepTimer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = retryMs;
  /** Why something was held back last. */
  let heldReason: string | null = null;
  let underWay: Promise<void> | null = null;
  let unsubscribe: (() => void) | undefined;
  /** The newest version that somebody told of. */
  let heardVersion = workflow.version;

  const status = () => state.getState().status;
  const currentGraph = () => {
    const { nodes, edges, settings } = store.getState();
    return toGraph(nodes, edges, settings);
  };
  const isGraphUnsaved = () => store.getState().revision !== savedRevision;
  const isUnsaved = () => canSave && (isGraphUnsaved() || state.getState().name !== savedName);
  const isWorthKeeping = () => isUnsaved() || held.isHolding(currentGraph());

  if (draft !== null) {
    // The answer to what was sent last may have been lost.
    const isOnIt = draft.base === workflow.version || sends.some((graph) => isSame(graph, accepted));
    state.setState({ status: isOnIt ? 'dirty' : 'conflict' });
  }

  /** Whether the server has what this page sent or knows, under whatever version. */
  function isOurs(theirs: Workflow): boolean {
    const graph = graphOf(theirs);
    return [accepted, ...sends].some((known) => isSame(known, graph));
  }

  function keepNow(): boolean {
    clearTimeout(keepTimer);
    keepTimer = undefined;
    if (!canSave) return true;
    let isKept = true;
    if (!isWorthKeeping()) deps.forget();
    else {
      const { version, name } = state.getState();
      const sent = sends.at(-1) ?? null;
      isKept = deps.keep({ workflowId: workflow.id, name, base: version, graph: currentGraph(), sent });
    }
    if (state.getState().isKept !== isKept) state.setState({ isKept });
    return isKept;
  }

  function tellFindings(findings: readonly ApiFinding[]): void {
    const reasons = [...held.reasons(currentGraph())];
    deps.onFindings([
      ...findings,
      ...reasons.map(([id, reason]) => ({ code: 'NOT_SAVED', message: `Not saved: ${reason}`, nodeIds: [id] })),
    ]);
  }

  function settle(saved: Workflow, revision: number, name: string): void {
    savedRevision = revision;
    savedName = name;
    sends = [];
    waitMs = retryMs;
    const isPartly = held.isHolding(currentGraph());
    state.setState({
      status: isUnsaved() ? 'dirty' : isPartly ? 'partly' : 'saved',
      version: saved.version,
      reason: isPartly ? ([...held.reasons(currentGraph()).values()][0] ?? heldReason) : null,
    });
    tellFindings(saved.findings ?? []);
    keepNow();
    if (isUnsaved()) schedule(delayMs);
  }

  /** `isForced` overwrites whatever is there. */
  async function send(isForced: boolean): Promise<void> {
    state.setState({ status: 'saving', reason: null });
    for (let attempt = 1; ; attempt += 1) {
      const { revision } = store.getState();
      const { version, name } = state.getState();
      const full = currentGraph();
      const part = held.savablePart(full);
      const isGraphSent = isForced || revision !== savedRevision;
      if (isGraphSent) sends = [...sends, part].slice(-rememberedSends);
      keepNow();
      try {
        const saved = await deps.save({
          ...(isGraphSent && { data: part }),
          ...((isForced || name !== savedName) && { name }),
          ...(!isForced && { version }),
        });
        if (isGraphSent) {
          accepted = part;
          held.accept(part);
        }
        settle(saved, revision, name);
        return;
      } catch (error) {
        if (isConflict(error) && (await adoptOwn()) && attempt < maxTries) continue;
        if (isRefusal(error) && isGraphSent && attempt < maxTries && held.blame(error, full, part)) {
          sends = sends.filter((graph) => graph !== part);
          heldReason = error.message;
          continue;
        }
        fail(error);
        throw error;
      }
    }
  }

  /** The version on the server may be one that this page made, and did not hear of: it goes on from there then. */
  async function adoptOwn(): Promise<boolean> {
    const theirs = await deps.load().catch(() => null);
    if (theirs === null || !isOurs(theirs)) return false;
    if (state.getState().name === savedName) state.setState({ name: theirs.name });
    savedName = theirs.name;
    state.setState({ version: theirs.version });
    return true;
  }

  function fail(error: unknown): void {
    if (isConflict(error)) state.setState({ status: 'conflict' });
    else if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
      // Saving the same again would be refused again.
      state.setState({ status: 'refused', reason: error.message });
      tellFindings(error.problem?.errors ?? []);
    } else {
      state.setState({ status: 'offline' });
      schedule(waitMs);
      waitMs = Math.min(waitMs * 2, maxRetryMs);
    }
    keepNow();
  }

  function schedule(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A failure shows in the state and is tried again from there.
      flush().catch(() => undefined);
    }, afterMs);
  }

  async function untilIdle(): Promise<void> {
    while (underWay !== null) await underWay.catch(() => undefined);
  }

  async function run(isForced: boolean): Promise<void> {
    underWay = send(isForced).finally(() => (underWay = null));
    await underWay;
    // Told of while the save was under way: it is clear only now whether that was this save.
    if (heardVersion > state.getState().version) void hear(heardVersion);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    await untilIdle();
    if (status() === 'conflict')
      throw new Error('This workflow was changed elsewhere. First choose which version to keep.');
    if (status() === 'outdated') throw new Error('This workflow was changed elsewhere. First load the latest version.');
    // What is changed meanwhile is sent after it.
    for (let sent = 0; isUnsaved() && sent < maxTries; sent += 1) await run(false);
    const { reason } = state.getState();
    if (status() === 'partly') throw new Error(`Some changes could not be saved. ${reason ?? ''}`.trim());
  }

  /** Something was changed here. */
  function touch(): void {
    keepTimer ??= setTimeout(keepNow, keepMs);
    if (status() === 'conflict') return;
    if (status() === 'outdated') {
      state.setState({ status: 'conflict' });
      return;
    }
    if (status() !== 'saving') state.setState({ status: 'dirty', reason: null });
    schedule(delayMs);
  }

  async function hear(version: number | null): Promise<void> {
    if (version !== null) heardVersion = Math.max(heardVersion, version);
    const isCalm = status() === 'saved' || status() === 'partly';
    // What is unsaved finds out when it is sent.
    if (!isCalm || underWay !== null || (version !== null && version <= state.getState().version)) return;
    const theirs = await deps.load().catch(() => null);
    if (theirs === null || underWay !== null || theirs.version <= state.getState().version) return;
    heardVersion = Math.max(heardVersion, theirs.version);
    if (isOurs(theirs)) {
      const isRenamedHere = state.getState().name !== savedName;
      savedName = theirs.name;
      state.setState({ version: theirs.version, ...(!isRenamedHere && { name: theirs.name }) });
    } else {
      state.setState({ status: isUnsaved() ? 'conflict' : 'outdated' });
    }
  }

  return {
    state,
    start: () => {
      let seen = store.getState().revision;
      unsubscribe?.();
      unsubscribe = store.subscribe(({ revision }) => {
        if (revision === seen || !canSave) return;
        seen = revision;
        touch();
      });
      if (draft !== null && status() === 'dirty') schedule(0);
      tellFindings(workflow.findings ?? []);
    },
    stop: () => {
      unsubscribe?.();
      unsubscribe = undefined;
      clearTimeout(timer);
      clearTimeout(keepTimer);
      keepTimer = undefined;
    },
    flush,
    hurry: () => {
      if (status() === 'offline') schedule(0);
    },
    keepNow,
    overwrite: async () => {
      await untilIdle();
      const theirs = await deps.load();
      const { nodes, edges, settings, replaceGraph } = store.getState();
      if (!isSame(graphOf(theirs), currentGraph())) {
        replaceGraph('Load the other version', fromGraph(theirs.data));
        replaceGraph('Overwrite the other version', { nodes, edges, settings });
      }
      await run(true);
    },
    takeTheirs: async () => {
      await untilIdle();
      const theirs = await deps.load();
      store.getState().replaceGraph('Load the latest version', fromGraph(theirs.data));
      accepted = currentGraph();
      held.accept(accepted);
      state.setState({ name: theirs.name });
      clearTimeout(timer);
      settle(theirs, store.getState().revision, theirs.name);
    },
    rename: (name) => {
      state.setState({ name });
      touch();
      schedule(0);
    },
    hear,
  };
}

/** The graph in the form in which it is sent. */
function graphOf({ data }: Workflow): Graph {
  const { nodes, edges, settings } = fromGraph(data);
  return toGraph(nodes, edges, settings);
}

/** Whether two graphs are the same workflow, whatever else stands beside it. */
function isSame(one: Graph, other: Graph): boolean {
  const text = ({ nodes, edges, settings }: Graph) => canonicalJson({ nodes, edges, settings });
  return text(one) === text(other);
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'WORKFLOW_VERSION_CONFLICT';
}

/** The server found something wrong with the content, not with who sends it. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 400 || error.status === 413 || error.status === 422);
}
