import { shownAs } from '../users/shown-as.ts';
import { sql } from 'kysely';
import type { Wait } from '../../core/api/waits.ts';
import type { NodeInputs } from '../../core/node-type/values.ts';
import { namedByLink, type WaitResolution } from '../../core/run/wait.ts';
import { boundsOf, itemsOf } from '../../core/waits/answer.ts';
import { carriedValue } from '../../core/node-type/carried-value.ts';
import { questionSchema, type Question } from '../../core/waits/question.ts';
import type { Db } from '../client.ts';
import { exactTime } from '../page-cursor.ts';

/** A wait for a person with all that answering it takes. */
export interface FoundWait {
  readonly wait: Wait;
  readonly question: Question;
  readonly inputs: NodeInputs;
  readonly nodeExecutionId: string;
  /** The run, or part of one, that the node is in. */
  readonly ownRunId: string;
  readonly attempt: number;
  readonly resolution: WaitResolution | null;
  /** SHA-256 of what stands in the address of its link; null: it was shown to nobody yet. */
  readonly tokenHash: Buffer | null;
}

/** Waits for people with what is shown of them; more conditions may follow. */
export function selectWaits(db: Db) {
  return db
    .selectFrom('waits as q')
    .innerJoin('workflow_runs as r', 'r.id', 'q.run_id')
    .innerJoin('workflows as w', 'w.id', 'r.workflow_id')
    .innerJoin('node_executions as n', 'n.id', 'q.node_execution_id')
    .where('q.kind', '=', 'person')
    .select([
      'q.id',
      'q.run_id',
      'q.attempt',
      'q.kind',
      'q.payload',
      'q.due_at',
      'q.created_at',
      'q.resolved_at',
      'q.resolution',
      'q.token_hash',
      'w.id as workflow_id',
      'w.name as workflow_name',
      'n.id as node_execution_id',
      'n.node_id',
      'n.node_type',
      'n.node_label',
      'n.input_data',
      'r.parent_run_id',
    ])
    .select(exactTime('q.created_at').as('exact_created_at'))
    .select(sql<string | null>`${sql.raw(shownAs('q.resolved_by'))}`.as('resolved_by'))
    .select(
      sql<string>`(
        with recursive up as (
          select r.id, r.parent_run_id
          union all
          select p.id, p.parent_run_id from up join workflow_runs p on p.id = up.parent_run_id)
        select up.id from up where up.parent_run_id is null)`.as('whole_run_id'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof selectWaits>['execute']>>[number];

/** A row as it is used. */
export function foundWaitOf(row: Row): FoundWait {
  const question = questionSchema.parse(row.payload);
  const inputs = (row.input_data ?? {}) as NodeInputs;
  return {
    wait: waitOf(row, question, inputs),
    question,
    inputs,
    nodeExecutionId: row.node_execution_id,
    ownRunId: row.run_id,
    attempt: row.attempt,
    resolution: row.resolution,
    tokenHash: row.token_hash,
  };
}

function waitOf(row: Row, question: Question, inputs: NodeInputs): Wait {
  const { choice } = question;
  const items = choice === null ? [] : itemsOf(inputs);
  const [min, max] = choice === null ? [0, 0] : boundsOf(choice, items.length);
  return {
    id: row.id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    runId: row.whole_run_id,
    partId: row.parent_run_id === null ? null : row.run_id,
    nodeId: row.node_id,
    nodeType: row.node_type,
    nodeLabel: row.node_label,
    kind: row.kind,
    status: row.resolved_at === null ? 'open' : 'resolved',
    message: question.message,
    value: choice === null ? carriedValue(inputs, 'value') : items,
    fields: question.fields as Wait['fields'],
    buttons: question.buttons,
    choice: choice === null ? null : { min, max },
    createdAt: row.created_at.toISOString(),
    dueAt: row.due_at?.toISOString() ?? null,
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolution?.link === undefined ? row.resolved_by : namedByLink(row.resolution.link.name),
    outcome: row.resolution?.outcome ?? null,
    action: row.resolution?.action ?? null,
  };
}
