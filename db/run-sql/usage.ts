/*
 * Usage of models in SQL: `{ inputTokens, outputTokens, costUsd }` as jsonb. It
 * comes from providers, so a number is one that can be added up, or none.
 */

/** Above it a sum could not be told exactly, nor stored by some who read it. */
const most = 9_007_199_254_740_991;

/** The number under a key of a usage: from 0 to 2^53, whole for tokens; else null. */
export function usageNumber(usage: string, key: 'inputTokens' | 'outputTokens' | 'costUsd'): string {
  const value = `(${usage} ->> '${key}')::numeric`;
  const isWhole = key === 'costUsd' ? '' : ` and ${value} = trunc(${value})`;
  // A case, as the parts of a condition may be looked at in any order.
  return `case when jsonb_typeof(${usage} -> '${key}') = 'number'
    then case when ${value} between 0 and ${most}${isWhole} then ${value} end end`;
}

/** What two attempts of a node have used together; null where neither says. */
export function usageSum(one: string, other: string): string {
  const sum = (key: Parameters<typeof usageNumber>[1]): string =>
    `coalesce(${usageNumber(one, key)}, 0) + coalesce(${usageNumber(other, key)}, 0)`;
  return `case when ${one} is null then ${other} when ${other} is null then ${one} else jsonb_build_object(
    'inputTokens', ${sum('inputTokens')}, 'outputTokens', ${sum('outputTokens')},
    'costUsd', case when ${usageNumber(one, 'costUsd')} is null and ${usageNumber(other, 'costUsd')} is null
      then null else ${sum('costUsd')} end) end`;
}
