import type { NodeOutputs } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';

interface CachedOutput {
  readonly key: string;
  /** Null where it would have been too much with those before it. */
  readonly outputs: NodeOutputs | null;
  /** Of its JSON. */
  readonly characters: number;
  readonly madeAt: Date;
}

const findMany = statement<CachedOutput>(
  'list-cached-outputs',
  `select c.key, c.made_at as "madeAt", c.characters,
          case when sum(c.characters) over (order by c.key) <= $3 then c.output_data end as outputs
     from (select key, created_at as made_at, output_data, length(output_data::text) as characters
             from output_cache
            where user_id = $1 and key = any ($2::char(64)[]) and output_data is not null) c`,
);

/** Earlier outputs of a user by cache key, at most so many characters of JSON in all. Whether their files still exist is the caller's check. */
export function listCachedOutputs(
  on: Queryable,
  userId: string,
  keys: readonly string[],
  maxCharacters: number,
): Promise<CachedOutput[]> {
  return findMany(on, [userId, keys, maxCharacters]);
}
