import { toReference } from '../../../assets/attempt-assets.ts';
import type { StoredLists } from '../../../assets/stored-lists.ts';
import type { AssetService } from '../../../assets/asset-service.ts';
import type { ApiFinding } from '../../../core/api/common.ts';
import { AppError, TerminalError } from '../../../core/errors/app-error.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import { rowOf } from '../../../core/data-types/table.ts';
import { fileAssetId, wrongAsset } from '../../../core/interface/input-value.ts';
import { maxNodeOutputBytes } from '../../../core/limits.ts';
import { isStoredList, type NodeInputs, type OutputValue } from '../../../core/node-type/values.ts';
import { findKeys } from '../../../core/scrub.ts';
import type { Scope } from '../../../core/scope.ts';
import { answerFindings, outputsOfAnswer, typedOf, type Answer } from '../../../core/waits/answer.ts';
import type { Db } from '../../../db/client.ts';
import { findWait } from '../../../db/waits/find.ts';
import type { FoundWait } from '../../../db/waits/rows.ts';
import type { WaitEnds } from '../../../engine/waits/wait-ends.ts';
import { waitNotFound } from '../../http/not-found.ts';

interface AnswerDependencies {
  readonly db: Db;
  readonly assets: Pick<AssetService, 'find'>;
  readonly lists: Pick<StoredLists, 'elements' | 'keep'>;
  readonly waitEnds: WaitEnds;
}

/** Who answers. */
export interface Answerer {
  readonly scope: Scope;
  /** As it is read in the output. */
  readonly email: string;
  /** Whoever came by the link of the question, by the name that they gave; null: a member of the workspace. */
  readonly link: { readonly name: string | null } | null;
}

/**
 * Answers a question: its node completes with that, once. Throws WAIT_NOT_FOUND; WAIT_RESOLVED with who answered and when,
 * where it was over before; FindingsError with all that does not fit.
 */
export async function answerWait(
  { db, assets, lists, waitEnds }: AnswerDependencies,
  { scope, email, link }: Answerer,
  id: string,
  given: Answer,
): Promise<FoundWait> {
  const found = await findOwn(db, scope, id);
  if (found.wait.status === 'resolved') throw resolvedBefore(found);
  const { question } = found;
  const inputs = await withChosen(lists, scope, found, given.indices);
  const findings = [...answerFindings(question, inputs, given), ...keyFindings(given)];
  if (findings.length > 0) throw refused(findings);
  const answer = { ...given, values: await withFiles(assets, scope, found, given) };
  const owner = { userId: scope.workspaceId, runId: found.ownRunId };
  const outputs = await lists
    .keep(owner, outputsOfAnswer(question, inputs, answer, email), maxNodeOutputBytes)
    .catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'NODE_OUTPUT_TOO_LARGE' ? tooLarge(error.details) : error;
    });
  const { action, indices } = answer;
  const ended = await waitEnds.resolve([
    {
      id: found.nodeExecutionId,
      runId: found.ownRunId,
      attempt: found.attempt,
      outputs,
      resolution: {
        outcome: 'answered',
        action,
        ...(question.fields.length > 0 && { values: answer.values }),
        ...(question.choice !== null && { indices }),
        ...(link !== null && { link }),
      },
      resolvedBy: link === null ? scope.actorId : null,
    },
  ]);
  const after = await findOwn(db, scope, id);
  if (ended.length === 0) throw resolvedBefore(after);
  return after;
}

/** The inputs with what is chosen of a list that lies in a file; all other places of it are empty. */
async function withChosen(
  lists: AnswerDependencies['lists'],
  { workspaceId }: Scope,
  { question, inputs }: FoundWait,
  indices: readonly number[],
): Promise<NodeInputs> {
  const items = inputs['items'];
  if (question.choice === null || !isStoredList(items)) return inputs;
  const chosen = Array.from<OutputValue>({ length: items.length });
  const wanted = new Set(indices);
  let index = 0;
  for await (const element of lists.elements(workspaceId, items)) {
    if (wanted.delete(index)) chosen[index] = element;
    if (wanted.size === 0) break;
    index += 1;
  }
  return { ...inputs, items: chosen };
}

function tooLarge(details: AppError['details']): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `The answer has ${String(details['bytes'])} bytes; the limit is ${maxNodeOutputBytes}. Write less, or upload a file instead.`,
    { details },
  );
}

async function findOwn(db: Db, scope: Scope, id: string): Promise<FoundWait> {
  const found = await findWait(db, scope, id);
  if (found === null) throw waitNotFound(id);
  return found;
}

/** Says who was first, and when. */
export function resolvedBefore({ wait: { resolvedBy, resolvedAt, outcome, action } }: FoundWait): TerminalError {
  const how =
    outcome === 'answered'
      ? `was answered by ${resolvedBy ?? 'somebody'} at ${resolvedAt}`
      : outcome === 'cancelled'
        ? `ended with its run at ${resolvedAt}`
        : `expired at ${resolvedAt}`;
  return new TerminalError('WAIT_RESOLVED', `This question ${how}. Read the run to see what came of it.`, {
    details: { resolvedBy, resolvedAt, outcome, action },
  });
}

/** Says all that does not fit of an answer. */
export function refused(findings: readonly ApiFinding[]): FindingsError {
  const message = `The answer does not fit. ${findings[0]!.message}`;
  return new FindingsError('WAIT_ANSWER_INVALID', message, findings);
}

/** A key in clear would be in the output, in every copy of it and in every answer about the run. */
function keyFindings({ values }: Answer): ApiFinding[] {
  return Object.entries(values).flatMap(([name, value]) =>
    findKeys(JSON.stringify(value) ?? '').length === 0
      ? []
      : [
          {
            code: 'SECRET_IN_GRAPH',
            message: 'This value holds a key in clear. Save it under Settings, Your provider keys, and leave it out.',
            path: `values.${name.slice(0, 100)}`,
          },
        ],
  );
}

/** The values with references in place of the ids of files. */
async function withFiles(
  assets: Pick<AssetService, 'find'>,
  scope: Scope,
  { question }: FoundWait,
  { values }: Answer,
): Promise<Record<string, unknown>> {
  const findings: ApiFinding[] = [];
  const found: [string, unknown][] = [];
  for (const [name, value] of Object.entries(values)) {
    const field = question.fields.find((one) => one.name === name);
    if (field === undefined || rowOf(field.type).file === null) {
      found.push([name, value]);
      continue;
    }
    const assetId = fileAssetId(String(value));
    const row = assetId === null ? null : await ownAsset(assets, scope, assetId);
    const wrong = assetId === null ? 'Upload the file, and give its id.' : wrongAsset(typedOf(field), row);
    if (wrong !== null || row === null) {
      findings.push({
        code: 'WAIT_ANSWER_INVALID',
        message: wrong ?? 'Upload the file again.',
        path: `values.${name}`,
      });
    } else found.push([name, toReference(row)]);
  }
  if (findings.length > 0) throw refused(findings);
  return Object.fromEntries(found);
}

async function ownAsset(assets: Pick<AssetService, 'find'>, scope: Scope, id: string) {
  return assets.find(scope, id).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return null;
    throw error;
  });
}
