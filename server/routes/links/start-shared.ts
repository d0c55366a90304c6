import type { Request } from 'express';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import { refuseFindings } from '../../../core/graph/findings.ts';
import type { RunDetail } from '../../../core/api/runs.ts';
import { recordedActor } from '../../../core/scope.ts';
import { listForeignFiles } from '../../../db/links/visitor-files.ts';
import { giveBackLinkRun, takeLinkRun } from '../../../db/links/visitor-runs.ts';
import { idempotencyKeyOf } from '../../http/idempotency.ts';
import { limit } from '../../limits/rate-limits.ts';
import type { ServerDependencies } from '../deps.ts';
import { abandonedMs, madeBefore, runIdOf, startedDetail } from '../start-once.ts';
import { hashSecret } from '../../auth/secrets.ts';
import { valuesOf } from './allowed-inputs.ts';
import { linkEnded } from './link-shown.ts';
import type { Opened, SharedGraph } from './open-link.ts';

const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A visitor names the files that they have brought or were shown, and no others. Throws FindingsError. */
async function requireOwnFiles(
  pool: ServerDependencies['pool'],
  { visitor }: Opened,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const idsOf = (value: unknown) => [...new Set(JSON.stringify(value)?.toLowerCase().match(anyId) ?? [])];
  const foreign = new Set(await listForeignFiles(pool, visitor, idsOf(given)));
  if (foreign.size === 0) return;
  refuseFindings(
    Object.entries(given)
      .filter(([, value]) => idsOf(value).some((id) => foreign.has(id)))
      .map(([name]) => ({
        code: 'RUN_INPUT_INVALID' as const,
        path: `inputs.${name}`,
        message: `The input "${name}" does not fit. You have no file with this id. Upload one.`,
      })),
  );
}

/** What is wrong with what somebody gave, without the nodes of a graph that they do not see. */
function withoutNodes(error: unknown): unknown {
  if (!(error instanceof FindingsError)) return error;
  const findings = error.findings.map(({ nodeIds: _nodes, edgeIds: _edges, ...finding }) => finding);
  return new FindingsError(error.code, error.message, findings);
}

/** Room for one more start by a link from an address. Throws RATE_LIMITED. */
export async function limitStart(
  rates: ServerDependencies['rates'],
  { link }: Opened,
  address: string | undefined,
): Promise<void> {
  limit(await rates.takeFrom('linkStart', address ?? 'unknown', link.id));
}

/**
 * Starts a run of what is live for a visitor, counted once, also where the request is repeated with its Idempotency-Key.
 * Throws LINK_NOT_FOUND where the link has no run left, FindingsError, and as `RunStarter.start` does.
 */
export async function startShared(
  deps: Pick<ServerDependencies, 'pool' | 'db' | 'once' | 'starter' | 'runDetails' | 'rates' | 'newId'>,
  opened: Opened,
  live: SharedGraph,
  asked: {
    readonly request: Request;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal;
  },
): Promise<RunDetail> {
  const { pool, db, once, starter, runDetails, rates, newId } = deps;
  const { link, visitor, scope } = opened;
  const { request, signal } = asked;
  const given = idempotencyKeyOf(request);
  // Keys of visitors are told apart from those of others, and from each other's.
  const key =
    given === null ? null : hashSecret(`${link.id} ${visitor.visitor.toString('hex')} ${given}`).toString('hex');
  const fingerprint = { route: 'shared', link: link.id, inputs: asked.inputs };
  const starting = once.do(
    { key, userId: scope.workspaceId, fingerprint, signal, abandonedMs },
    async (subject, isInherited) => {
      const made = await madeBefore(db, scope, subject, isInherited);
      if (made !== null) return made;
      const inputs = valuesOf(live.inputs, link, asked.inputs);
      await requireOwnFiles(pool, opened, asked.inputs);
      limit(await rates.take('linkRun', link.id));
      const runId = subject ?? newId();
      const isTaken = await takeLinkRun(pool, visitor, runId);
      if (!isTaken) throw linkEnded();
      try {
        const started = await starter.start({
          userId: scope.workspaceId,
          actorId: recordedActor(scope),
          workflow: { id: link.workflowId, published: 'live' },
          triggerType: 'LINK',
          runId,
          inputs,
        });
        return { status: 202, body: { id: started.id } };
      } catch (error) {
        await giveBackLinkRun(pool, link.id, runId);
        throw error;
      }
    },
  );
  const answer = await starting.catch((error: unknown) => {
    throw withoutNodes(error);
  });
  const id = runIdOf(answer.body);
  return startedDetail(runDetails, scope, { id, run: null, graph: null });
}
