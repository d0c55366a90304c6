import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { TerminalError } from '../../core/errors/app-error.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { findWorkflowGraph } from '../../db/workflows/find.ts';
import { findPublishedGraph } from '../../db/workflows/find-published.ts';
import { findWorkflowVersion } from '../../db/workflows/find-version.ts';
import { sha256 } from './plan-request.ts';

/** A graph with the hash of its content, which names the version that it is frozen as. */
export interface HashedGraph {
  readonly workflowId: number;
  readonly data: Graph;
  readonly contentHash: string;
}

/** A graph that runs are planned of. */
export interface KnownGraph extends HashedGraph {
  /** Of its JSON. */
  readonly characters: number;
}

/** The draft of a workflow. */
export interface KnownWorkflow extends KnownGraph {
  readonly revision: number;
  /** Number of the published version that is live; null: none. */
  readonly live: number | null;
}

/** Parsed graphs of the workflows that runs are started of, each at the revision at which it was read. */
export interface KnownWorkflows {
  /**
   * The user's workflow as it was when it was last read, perhaps at an earlier revision than it is at now.
   * `isFresh`: it was read for this call. Throws WORKFLOW_NOT_FOUND.
   */
  find(userId: string, id: number): Promise<{ readonly workflow: KnownWorkflow; readonly isFresh: boolean }>;
  /** The user's workflow as it is now. Throws WORKFLOW_NOT_FOUND. */
  read(userId: string, id: number): Promise<KnownWorkflow>;
  /** A published version of a workflow that the user has. Throws WORKFLOW_VERSION_NOT_FOUND. */
  published(userId: string, workflowId: number, number: number): Promise<KnownGraph>;
  /** A frozen graph of a workflow that the user has. Throws WORKFLOW_VERSION_NOT_FOUND. */
  frozen(workflowId: number, versionId: string): Promise<KnownGraph>;
}

/** A parsed graph takes about four times the room of its text: 16 MB at most. */
const maxCharacters = 4_000_000;

/** Keeps parsed graphs for as long as there is room, the longest unused one given up first. */
export function createKnownWorkflows(pool: pg.Pool): KnownWorkflows {
  const known = new LRUCache<string, KnownWorkflow>({
    maxSize: maxCharacters,
    sizeCalculation: ({ characters }) => characters,
  });
  const reading = new Map<string, Promise<KnownWorkflow>>();
  /** They never change. */
  const versions = new LRUCache<string, KnownGraph>({
    maxSize: maxCharacters,
    sizeCalculation: ({ characters }) => characters,
  });

  async function read(userId: string, id: number): Promise<KnownWorkflow> {
    const found = await findWorkflowGraph(pool, { workspaceId: userId }, id);
    if (found === null) {
      known.delete(keyOf(userId, id));
      throw new TerminalError('WORKFLOW_NOT_FOUND', `There is no workflow ${id}. Choose one from the list.`);
    }
    const { revision, live, data: text } = found;
    const workflow = { ...hashedGraph(id, JSON.parse(text) as Graph), revision, live, characters: text.length };
    known.set(keyOf(userId, id), workflow);
    return workflow;
  }

  return {
    read,
    find: async (userId, id) => {
      const key = keyOf(userId, id);
      const workflow = known.get(key);
      if (workflow !== undefined) return { workflow, isFresh: false };
      // Many first starts at once read it together.
      const pending = reading.get(key);
      if (pending !== undefined) return { workflow: await pending, isFresh: false };
      const own = read(userId, id).finally(() => reading.delete(key));
      reading.set(key, own);
      return { workflow: await own, isFresh: true };
    },
    published: async (userId, workflowId, number) => {
      // Files have other names in another workspace.
      const key = `${workflowId} ${number} ${userId}`;
      const remembered = versions.get(key);
      if (remembered !== undefined) return remembered;
      const text = await findPublishedGraph(pool, workflowId, number);
      if (text === null) throw publishedVersionNotFound(workflowId, number);
      const graph = { ...hashedGraph(workflowId, JSON.parse(text) as Graph), characters: text.length };
      versions.set(key, graph);
      return graph;
    },
    frozen: async (workflowId, versionId) => {
      const remembered = versions.get(versionId);
      if (remembered !== undefined) return remembered;
      const data = await findWorkflowVersion(pool, versionId);
      if (data === null) {
        throw new TerminalError(
          'WORKFLOW_VERSION_NOT_FOUND',
          `The frozen graph of workflow ${workflowId} is gone. Start again with the workflow as it is now.`,
        );
      }
      const graph = { ...hashedGraph(workflowId, data), characters: JSON.stringify(data).length };
      versions.set(versionId, graph);
      return graph;
    },
  };
}

function keyOf(userId: string, id: number): string {
  return `${id} ${userId}`;
}

/** The same answer for a number that was never given and for one of a workflow that is gone. */
export function publishedVersionNotFound(workflowId: number, number: number): TerminalError {
  return new TerminalError(
    'WORKFLOW_VERSION_NOT_FOUND',
    `Workflow ${workflowId} has no published version ${number}. Choose one from its versions.`,
  );
}

/** The hash of a graph that is at hand. */
export function hashedGraph(workflowId: number, data: Graph): HashedGraph {
  return { workflowId, data, contentHash: sha256(canonicalJson(data)) };
}

/** Throws WORKFLOW_VERSION_CONFLICT where another revision is meant; undefined means whatever is there. */
export function requireRevision(
  { workflowId, revision }: Pick<KnownWorkflow, 'workflowId' | 'revision'>,
  meant: number | undefined,
): void {
  if (meant !== undefined && revision !== meant) throw versionConflict(workflowId, revision, meant);
}

/** A change that was made on, or a run that means, another revision than the one that is there. */
export function versionConflict(id: number, current: number, meant: number | undefined): TerminalError {
  return new TerminalError(
    'WORKFLOW_VERSION_CONFLICT',
    `Workflow ${id} was changed meanwhile: it is at version ${current}, your change was made on ${meant}. Read it again and repeat the change.`,
    { details: { version: current } },
  );
}
