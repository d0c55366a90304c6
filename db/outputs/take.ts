import type { NodeOutputs } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';

/** An attempt that makes an output, or would. */
export interface Maker {
  readonly id: string;
  readonly attempt: number;
}

/** Whose it is to make an output. */
export interface OutputTurn {
  /** True: the output is this attempt's to make. */
  readonly isTaken: boolean;
  /** What was there before; null where nothing was, or where it is being made. */
  readonly outputs: NodeOutputs | null;
}

const take = statement<OutputTurn>(
  'take-output',
  `with taken as (
     insert into output_cache (user_id, key, made_by, attempt) values ($1, $2, $3, $4)
     on conflict (user_id, key) do nothing
     returning key
   )
   select exists (select from taken) as "isTaken", c.output_data as outputs
     from (select) one left join output_cache c on c.user_id = $1 and c.key = $2`,
);

/**
 * Looks up an earlier output of a user by its cache key and, where there is
 * none, puts this attempt down as the one that makes it. Neither: somebody else
 * is at it, or was. Whether the files of an output still exist is the caller's
 * check.
 */
export async function takeOutput(on: Queryable, userId: string, key: string, maker: Maker): Promise<OutputTurn> {
  const [turn] = await take(on, [userId, key, maker.id, maker.attempt]);
  return turn!;
}
