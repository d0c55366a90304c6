import { statement, type Queryable } from '../statement.ts';
import type { OutputState } from './list-states.ts';
import type { Maker } from './take.ts';

const takeOver = statement<{ key: string }>(
  'take-over-output',
  `update output_cache c set made_by = $3, attempt = $4, output_data = null, created_at = clock_timestamp()
    where c.user_id = $1 and c.key = $2 and c.made_by is not distinct from $5::uuid and c.attempt is not distinct from $6::integer
      and (c.output_data is not null) = $7
   returning c.key`,
);

/** Puts an attempt down as the maker in place of the one that was found. False: somebody else was first. */
export async function takeOverOutput(on: Queryable, found: OutputState, maker: Maker): Promise<boolean> {
  const { userId, key, maker: before, isKept } = found;
  const values = [userId, key, maker.id, maker.attempt, before?.id ?? null, before?.attempt ?? null, isKept];
  return (await takeOver(on, values)).length > 0;
}
