import { statement, type Queryable } from '../statement.ts';

/*
 * take: refills a bucket by the time that went by and takes up to $4 tokens.
 * One statement, so that parallel requests take one after another.
 *
 * $1 key, $2 burst, $3 tokens a second, $4 wanted
 */
const take = statement<{ granted: number; waitMs: number }>(
  'take-rate-tokens',
  `insert into rate_buckets as b (key, tokens, granted, refilled_at)
   values ($1, $2::double precision - least($4::integer, floor($2::double precision)::integer),
           least($4::integer, floor($2::double precision)::integer), clock_timestamp())
   on conflict (key) do update set
     granted = least($4::integer, floor(${refilled()})::integer),
     tokens = ${refilled()} - least($4::integer, floor(${refilled()})::integer),
     refilled_at = greatest(b.refilled_at, excluded.refilled_at)
   returning b.granted,
             case when b.granted > 0 then 0
                  else ceil((1 - b.tokens) / $3::double precision * 1000)::integer end as "waitMs"`,
);

function refilled(): string {
  return `least($2::double precision, b.tokens +
     greatest(0, extract(epoch from (excluded.refilled_at - b.refilled_at))::double precision) * $3::double precision)`;
}

/** Takes up to `wanted` tokens of a bucket that all processes share. */
export async function takeRateTokens(
  on: Queryable,
  bucket: {
    readonly key: string;
    readonly limit: { readonly burst: number; readonly perSecond: number };
    readonly wanted: number;
  },
): Promise<{ granted: number; waitMs: number }> {
  const { key, limit, wanted } = bucket;
  const [row] = await take(on, [key, limit.burst, limit.perSecond, wanted]);
  return row!;
}
