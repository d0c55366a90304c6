import type { RedisConnection } from './redis-connection.ts';

/** Tokens in a bucket that refills steadily. */
export interface BucketLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/*
 * One bucket is one hash that removes itself once it is full again. The clock
 * is Redis's own, so that servers whose clocks differ share it all the same.
 */
const takeScript = `
local burst, rate, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local at = tonumber(bucket[2]) or now
local tokens = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, now - at) * rate / 1000)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return { granted, granted > 0 and 0 or math.ceil((1 - tokens) / rate * 1000) }`;

/** Takes up to `wanted` tokens of a bucket that all processes share. Throws where Redis is away. */
export async function takeRedisTokens(
  redis: RedisConnection,
  bucket: { readonly key: string; readonly limit: BucketLimit; readonly wanted: number },
): Promise<{ granted: number; waitMs: number }> {
  const { key, limit, wanted } = bucket;
  const answer = await redis.eval(takeScript, 1, key, limit.burst, limit.perSecond, wanted);
  const [granted = 0, waitMs = 0] = answer as number[];
  return { granted, waitMs };
}
