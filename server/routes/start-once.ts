import { z } from 'zod';
import type { RunDetail, startRunBodySchema } from '../../core/api/runs.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import type { Db } from '../../db/client.ts';
import { findRun } from '../../db/runs/find.ts';
import type { RunStarter } from '../../engine/runs/run-starter.ts';
import type { StartedRun } from '../../engine/runs/start-run.ts';
import type { Principal } from '../auth/principal.ts';
import { requireRole } from '../auth/scope-of.ts';
import { requireScope } from '../http/authorize.ts';
import type { IdempotentAnswer, Once } from '../http/idempotency.ts';
import { runNotFound } from '../http/not-found.ts';
import type { RunDetails } from '../runs/run-detail.ts';

/**
 * A start takes milliseconds, and no statement of it more than 15 s. One that is done twice makes one run: both insert
 * it under the same id.
 */
export const abandonedMs = 20_000;

/** A request for one run. */
export interface OneStart {
  readonly principal: Principal;
  readonly scope: Scope;
  readonly workflowId: number;
  /** The published version that is meant, or that which is live; undefined: the draft. */
  readonly published: number | 'live' | undefined;
  readonly body: z.output<typeof startRunBodySchema>;
  /** Null: it has none. */
  readonly key: string | null;
  readonly signal: AbortSignal;
}

/** A run that is there by a request. */
export interface StartedOnce extends StartedRun {
  /** An earlier request with the same key made it. */
  readonly replayed: boolean;
}

const startedSchema = z.object({ id: z.uuid() });

/** The run that was kept as an answer under an Idempotency-Key. */
export function runIdOf(answer: unknown): string {
  return startedSchema.parse(answer).id;
}

/**
 * The answer to a request that takes the key of one that broke off, where that one made its run; else null. Asked before
 * the start: the workflow may have changed since, or the user's room be gone, and the run is there all the same.
 */
export async function madeBefore(
  db: Db,
  scope: Scope,
  runId: string | undefined,
  isInherited: boolean,
): Promise<IdempotentAnswer | null> {
  const isMade = isInherited && runId !== undefined && (await findRun(db, scope, runId)) !== null;
  return isMade ? { status: 202, body: { id: runId } } : null;
}

/** Starts a run, once for all requests with the same key. Throws SCOPE_MISSING or ROLE_MISSING for variants by who may not change the workflow. */
export async function startOnce(
  { db, once, starter }: { readonly db: Db; readonly once: Once; readonly starter: RunStarter },
  { principal, scope, workflowId, published, body, key, signal }: OneStart,
): Promise<StartedOnce> {
  // Settings of nodes are changed by whoever may change the workflow.
  if (body.variants !== undefined) {
    requireScope('write', principal);
    requireRole(scope, 'editor');
  }
  const fingerprint = { route: 'run', workflowId, body, ...(typeof published === 'number' && { published }) };
  let started: StartedRun | undefined;
  const answer = await once.do(
    { key, userId: scope.actorId, fingerprint, signal, abandonedMs },
    async (runId, isInherited) => {
      const made = await madeBefore(db, scope, runId, isInherited);
      if (made !== null) return made;
      const { version: revision, triggerType: _told, draft: _draft, ...wanted } = body;
      const workflow = { id: workflowId, ...(published === undefined ? { revision } : { published }) };
      const triggerType = triggerTypeOf(principal);
      const actorId = recordedActor(scope);
      started = await starter.start({ userId: scope.workspaceId, actorId, workflow, runId, triggerType, ...wanted });
      return { status: 202, body: { id: started.id } };
    },
  );
  return {
    id: runIdOf(answer.body),
    run: started?.run ?? null,
    graph: started?.graph ?? null,
    replayed: answer.replayed,
  };
}

/** A run that was just started is as it was written; one that was there already has to be read. Throws RUN_NOT_FOUND. */
export async function startedDetail(
  details: RunDetails,
  scope: Scope,
  { id, run, graph }: StartedRun,
): Promise<RunDetail> {
  const detail = run === null ? await details.find(scope, id) : await details.complete(run, graph);
  if (detail === null) throw runNotFound(id);
  return detail;
}

/** Whoever comes with a session is a person; whoever comes with a key is a program. What the body says does not count. */
function triggerTypeOf({ via }: Principal): 'MANUAL' | 'API' {
  return via === 'session' ? 'MANUAL' : 'API';
}
