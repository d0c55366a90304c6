import type pg from 'pg';
import type { z } from 'zod';
import { slugOfName } from '../../core/api/slug.ts';
import {
  maxKeptDrafts,
  type publishBodySchema,
  type publishResultSchema,
  type restoreBodySchema,
} from '../../core/api/versions.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import type { DataQuota } from '../../core/limits.ts';
import type { Scope } from '../../core/scope.ts';
import type { Db } from '../../db/client.ts';
import { changeWithinDataQuota } from '../../db/user-data/change-within-quota.ts';
import { findPublishedVersion, setLiveVersion } from '../../db/workflows/list-published.ts';
import {
  freezeGraph,
  holdSlug,
  holdWorkflow,
  insertPublishedVersion,
  saveSlug,
  type HeldWorkflow,
} from '../../db/workflows/publish.ts';
import { findKeptDraft, isKept, keepDraft } from '../../db/workflows/restore.ts';
import { updateWorkflow } from '../../db/workflows/update.ts';
import { dataQuotaFull } from '../../engine/runs/data-quota.ts';
import { hashedGraph, publishedVersionNotFound, versionConflict } from '../../engine/runs/known-workflows.ts';
import { planScope, type PlanningRules } from '../../engine/runs/plan-request.ts';
import { withCalls } from '../../engine/runs/with-calls.ts';
import { checkGraph, draftFindings, type GraphRules } from './check-graph.ts';

/** What freezing, publishing and restoring needs. */
export interface VersionsDependencies {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly catalogue: GraphRules['catalogue'];
  readonly addresses: GraphRules['addresses'];
  readonly limits: { readonly graph: GraphRules['graphLimits']; readonly data: DataQuota };
  readonly disk: { requireRoom(): void };
  readonly newId: () => string;
  readonly settings: Pick<PlanningRules, 'nodeTimeoutMs'>;
}

/** Changes versions of workflows. Changes of one user's wait for each other. */
export interface Versions {
  /**
   * Makes the next version of the draft, which is live then.
   *
   * Throws WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_CONFLICT, WORKFLOW_SLUG_TAKEN, DATA_QUOTA_FULL; FindingsError: the draft cannot run.
   */
  publish(
    scope: Scope,
    id: number,
    request: z.output<typeof publishBodySchema>,
  ): Promise<{ readonly published: z.output<typeof publishResultSchema>; readonly name: string }>;
  /**
   * Makes a published version live; the workflow's name comes back. One that was imported and never live is checked as
   * publishing does, and gets its name in addresses.
   *
   * Throws WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_NOT_FOUND; FindingsError: an imported version cannot run.
   */
  setLive(scope: Scope, id: number, version: number): Promise<string>;
  /** The same within a transaction. */
  setLiveIn(trx: Db, scope: Scope, id: number, version: number): Promise<string>;
  /** Gives a workflow another slug; its name comes back. Throws WORKFLOW_NOT_FOUND, WORKFLOW_NOT_PUBLISHED, WORKFLOW_SLUG_TAKEN. */
  rename(scope: Scope, id: number, slug: string): Promise<string>;
  /**
   * Puts a version in the place of the draft, which is kept.
   *
   * Throws WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_NOT_FOUND, WORKFLOW_VERSION_CONFLICT, DATA_QUOTA_FULL.
   */
  restore(scope: Scope, id: number, request: z.output<typeof restoreBodySchema>): Promise<Workflow>;
}

/** The versions of all workflows. */
export function createVersions(dependencies: VersionsDependencies): Versions {
  const { db, pool, catalogue, addresses, limits, disk, newId, settings } = dependencies;
  const rules = { catalogue, addresses, graphLimits: limits.graph, nodeTimeoutMs: settings.nodeTimeoutMs };

  async function change<Result>(scope: Scope, work: (trx: Db) => Promise<Result>): Promise<Result> {
    const quota = limits.data;
    disk.requireRoom();
    const done = await changeWithinDataQuota(db, { userId: scope.workspaceId, quota }, async (trx) => ({
      result: await work(trx),
    }));
    if (done === null) throw dataQuotaFull(quota);
    return done.result;
  }

  async function held(trx: Db, scope: Scope, id: number, draftVersion: number | undefined): Promise<HeldWorkflow> {
    const workflow = await holdWorkflow(trx, scope, id);
    if (workflow === null)
      throw new TerminalError('WORKFLOW_NOT_FOUND', `There is no workflow ${id}. Choose one from the list.`);
    if (draftVersion !== undefined && draftVersion !== workflow.revision) {
      throw versionConflict(id, workflow.revision, draftVersion);
    }
    return workflow;
  }

  const freeze = (trx: Db, workflowId: number, graph: Graph) =>
    freezeGraph(trx, workflowId, { id: newId(), graph, contentHash: hashedGraph(workflowId, graph).contentHash });

  /** What the workflow is called in addresses from now on. */
  async function slugFor(trx: Db, { id, name, slug }: HeldWorkflow, wanted: string | undefined): Promise<string> {
    if (wanted === undefined && slug !== null) return slug;
    const first = wanted ?? slugOfName(name);
    if (await holdSlug(trx, first, id)) return first;
    if (wanted !== undefined) throw slugTaken(wanted);
    // Of a UUIDv7 the end is random: nobody else has it.
    const other = `${first}-${newId().slice(-8)}`;
    if (!(await holdSlug(trx, other, id))) throw slugTaken(other);
    return other;
  }

  async function setLiveIn(trx: Db, scope: Scope, id: number, version: number): Promise<string> {
    const workflow = await held(trx, scope, id, undefined);
    const name = await setLiveVersion(trx, scope, id, version);
    if (name === null) throw publishedVersionNotFound(id, version);
    if (workflow.slug !== null) return name;
    const { data } = (await findPublishedVersion(trx, scope, id, version))!;
    checkGraph(data, rules, false);
    checkPublishable((await withCalls(pool, rules, { data }, { userId: scope.workspaceId })).data, rules);
    await saveSlug(trx, id, await slugFor(trx, workflow, undefined));
    return name;
  }

  return {
    setLiveIn,
    setLive: (scope, id, version) => db.transaction().execute((trx) => setLiveIn(trx, scope, id, version)),

    publish: (scope, id, { note = '', draftVersion, slug: wanted }) =>
      change(scope, async (trx) => {
        const workflow = await held(trx, scope, id, draftVersion);
        checkGraph(workflow.data, rules, false);
        const { data } = await withCalls(pool, rules, workflow, { userId: scope.workspaceId });
        checkPublishable(data, rules);
        const slug = await slugFor(trx, workflow, wanted);
        const versionId = await freeze(trx, id, workflow.data);
        const published = await insertPublishedVersion(trx, { workflow, scope, note, slug, versionId });
        return { published: { ...published, slug }, name: workflow.name };
      }),

    rename: (scope, id, slug) =>
      db.transaction().execute(async (trx) => {
        const workflow = await held(trx, scope, id, undefined);
        if (workflow.live === null) {
          throw new TerminalError('WORKFLOW_NOT_PUBLISHED', `Workflow ${id} was never published. Publish it first.`);
        }
        if (!(await holdSlug(trx, slug, id))) throw slugTaken(slug);
        await saveSlug(trx, id, slug);
        return workflow.name;
      }),

    restore: (scope, id, { version, draftId, draftVersion }) =>
      change(scope, async (trx) => {
        const workflow = await held(trx, scope, id, draftVersion);
        const graph =
          version === undefined
            ? await findKeptDraft(trx, id, draftId!)
            : ((await findPublishedVersion(trx, scope, id, version))?.data ?? null);
        if (graph === null) throw version === undefined ? keptDraftNotFound(id) : publishedVersionNotFound(id, version);
        const replaced = hashedGraph(id, workflow.data);
        if (!(await isKept(trx, id, replaced.contentHash))) {
          const versionId = await freezeGraph(trx, id, { ...replaced, id: newId(), graph: workflow.data });
          await keepDraft(trx, { id: newId(), workflowId: id, versionId, scope, most: maxKeptDrafts });
        }
        const changed = await updateWorkflow(trx, {
          scope,
          id,
          name: undefined,
          data: graph,
          revision: workflow.revision,
        });
        if (changed === null) throw new Error('A workflow that is held was changed.');
        const findings = draftFindings(graph, rules);
        return findings.length === 0 ? changed : { ...changed, findings };
      }),
  };
}

/** Throws FindingsError where runs of a graph, given the inputs that they have to be given, could not run it. */
function checkPublishable(graph: Graph, rules: PlanningRules): void {
  // What a marked node lacks each run gives.
  planScope(rules, graph, {}, new Set(inputsOf(graph, rules.catalogue).map(({ nodeId }) => nodeId)));
}

function slugTaken(slug: string): TerminalError {
  return new TerminalError(
    'WORKFLOW_SLUG_TAKEN',
    `Another workflow is called "${slug}" in addresses. Choose another name.`,
    {
      details: { slug },
    },
  );
}

function keptDraftNotFound(id: number): TerminalError {
  return new TerminalError(
    'WORKFLOW_VERSION_NOT_FOUND',
    `Workflow ${id} has no such kept draft. Choose one from the list.`,
  );
}
