import type { NodeOutputs } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';
import type { Maker } from './take.ts';

/** Where an output stands that somebody took. */
export interface OutputState {
  readonly userId: string;
  readonly key: string;
  /** What is there: kept, or put out by whoever made it. */
  readonly outputs: NodeOutputs | null;
  /** Whether it is kept in the cache itself. */
  readonly isKept: boolean;
  readonly maker: Maker | null;
  /** Whether that attempt is under way. If not, and without outputs, it is for somebody else to make. */
  readonly isUnderWay: boolean;
}

/*
 * The maker counts for as long as its attempt is RUNNING: a failure, a retry, a
 * rescue, a cancellation and a deletion all end that, without a word to anybody.
 */
const findStates = statement<OutputState>(
  'list-output-states',
  `select w.user_id as "userId", w.key, coalesce(c.output_data, case when n.status = 'COMPLETED' then n.output_data end) as outputs,
          c.output_data is not null as "isKept",
          case when c.made_by is not null then json_build_object('id', c.made_by, 'attempt', c.attempt) end as maker,
          coalesce(n.status = 'RUNNING', false) as "isUnderWay"
     from unnest($1::text[], $2::text[]) as w(user_id, key)
     join output_cache c on c.user_id = w.user_id and c.key = w.key::char(64)
     left join node_executions n on n.id = c.made_by and n.attempt = c.attempt`,
);

/** Of each output that is in the cache or being made. A statement of its own: it sees what others have committed just now. */
export function listOutputStates(
  on: Queryable,
  wanted: readonly { readonly userId: string; readonly key: string }[],
): Promise<OutputState[]> {
  return findStates(on, [wanted.map(({ userId }) => userId), wanted.map(({ key }) => key)]);
}
