import type { Allowance, ModelCallOptions } from '../core/node-type/call-limits.ts';
import { parseGoDuration } from './retry-delay.ts';

/*
 * What answers say about further calls. There is no standard that everybody keeps to:
 *
 *   x-ratelimit-remaining-requests: 9       OpenAI, Groq, Azure, vLLM gateways; the same with -tokens, limit and reset
 *   x-ratelimit-remaining-req-minute: 9     Mistral; Cerebras has -requests-day and -tokens-minute
 *   anthropic-ratelimit-requests-remaining  Anthropic, and gateways that hand its headers on
 *   x-ratelimit-remaining: 9                OpenRouter, Together and most gateways, with limit and reset
 *   ratelimit-remaining: 9                  drafts of the IETF up to the sixth
 *   ratelimit: limit=10, remaining=9, reset=5   its seventh; "ratelimit: "default";r=9;t=5" since the eighth
 *
 * A reset is a duration (`6m0s`, `120ms`), seconds, a moment (RFC 3339), or seconds or milliseconds since 1970.
 */

const named = /^(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z-]+))?$/;
const anthropic = /^anthropic-ratelimit-([a-z-]+)-(limit|remaining|reset)$/;

const windowMs: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

type Part = 'limit' | 'remaining' | 'reset';
interface Told extends Partial<Record<Part, string>> {
  readonly isBucket: boolean;
}

/** What the headers of an answer say about further calls; nothing where they do not. `now`: milliseconds. */
export function readAllowances(headers: Headers, now: number): readonly Allowance[] {
  const told = new Map<string, Told>();
  const take = (unit: string, part: Part, value: string, isBucket: boolean): void => {
    told.set(unit, { ...told.get(unit), isBucket: told.get(unit)?.isBucket === true || isBucket, [part]: value });
  };
  for (const [name, value] of headers) {
    const plain = named.exec(name);
    const own = anthropic.exec(name);
    if (plain !== null)
      take(plain[2] ?? '', plain[1] as Part, value, plain[2] !== undefined && parseGoDuration(value) !== null);
    else if (own !== null) take(own[1] ?? '', own[2] as Part, value, true);
    else if (name === 'ratelimit') readStructured(value, take);
  }
  const moment = Date.parse(headers.get('date') ?? '') || now;
  return [...told].flatMap(([unit, each]) => allowanceOf(unit, each, moment) ?? []);
}

/** Only the names of what is counted that are known: images, audio and searches have limits of their own. */
function allowanceOf(unit: string, told: Told, moment: number): Allowance | null {
  const of = /(?:^|-)tokens?(?:-|$)/.test(unit) ? 'tokens' : /^$|^req(?:uests?)?(?:-|$)/.test(unit) ? 'requests' : null;
  const left = numberIn(told.remaining);
  if (of === null || left === null) return null;
  const limit = numberIn(told.limit);
  const window = windowMs[/-(second|minute|hour|day)$/.exec(unit)?.[1] ?? ''] ?? null;
  const resetMs = told.reset === undefined ? null : resetIn(told.reset, moment);
  // Without a reset what is named by its minute is taken for a bucket of it.
  if (resetMs === null && window !== null && limit !== null && limit > 0)
    return { of, left, limit, resetMs: (window * Math.max(0, limit - left)) / limit, refills: true };
  return { of, left, limit, resetMs, refills: told.isBucket };
}

/** `limit=10, remaining=9, reset=5`, or `"default";r=9;t=5`, of which the first policy counts. */
function readStructured(value: string, take: (unit: string, part: Part, text: string, isBucket: boolean) => void) {
  const policy = /^\s*"[^"]*"\s*((?:;[^,]*)?)/.exec(value)?.[1];
  const names: Readonly<Record<string, Part>> =
    policy === undefined ? { limit: 'limit', remaining: 'remaining', reset: 'reset' } : { r: 'remaining', t: 'reset' };
  for (const [, name = '', text = ''] of (policy ?? value).matchAll(/([a-z]+)\s*=\s*([\d.]+)/g)) {
    const part = names[name];
    if (part !== undefined) take('', part, text, false);
  }
}

/** `100`, or `100;w=60` and `100, 1000;w=3600`, of which the first counts; null where it is no number from 0 up. */
function numberIn(text: string | undefined): number | null {
  const number = /^\s*(\d+(?:\.\d+)?)\s*(?:$|[;,])/.exec(text ?? '')?.[1];
  return number === undefined ? null : Number(number);
}

function resetIn(text: string, moment: number): number | null {
  const duration = parseGoDuration(text);
  if (duration !== null) return duration;
  const number = numberIn(text);
  // Nobody's limits last for thirty years, and nothing of today is before 2001.
  if (number !== null)
    return number >= 1e12
      ? Math.max(0, number - moment)
      : number >= 1e9
        ? Math.max(0, number * 1_000 - moment)
        : number * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - moment);
}

/** The same service, whose answers are listened to. Answers from elsewhere, such as a store of files, are not. */
export function hearLimits<Service extends { readonly fetch: typeof globalThis.fetch; readonly now: () => number }>(
  service: Service,
  addresses: readonly string[],
  { onAllowances }: Pick<ModelCallOptions, 'onAllowances'>,
): Service {
  if (onAllowances === undefined) return service;
  return {
    ...service,
    fetch: async (input, init) => {
      const response = await service.fetch(input, init);
      const isOwn = typeof input === 'string' && addresses.some((address) => input.startsWith(`${address}/`));
      const allowances = isOwn ? readAllowances(response.headers, service.now()) : [];
      if (allowances.length > 0) onAllowances(allowances);
      return response;
    },
  };
}
