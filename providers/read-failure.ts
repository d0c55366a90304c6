import { z } from 'zod';
import type { Refusal } from './errors.ts';
import { parseJson } from './http-body.ts';
import { parseDuration, parseWaitInWords } from './retry-delay.ts';
import { elementsOf, textField } from './wire-fields.ts';

/*
 * What providers, and the gateways before them, put into the body of a refusal
 * or into an event in place of an answer. There are about as many shapes as
 * servers: what is looked for is words, codes and a wait, wherever they stand.
 */

/** What a refusal says, however the provider puts it. */
export interface Failure {
  /** The provider's own words, not yet redacted. */
  readonly words: string;
  /** The HTTP status that the body names or that its codes stand for; null where it tells none. */
  readonly status: number | null;
  /** What the status alone does not say. */
  readonly kind?: Refusal['kind'];
  readonly retryAfterMs?: number;
  /** Milliseconds between two calls, by the quota of requests per minute that was exceeded. */
  readonly paceMs?: number;
  /** Codes, types and names of fields, for what the words leave open. */
  readonly codes: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The keys under which words stand, the plainest first. */
const wordKeys = [
  'message',
  'msg',
  'error_msg',
  'error_message',
  'errorMessage',
  'error_description',
  'detail',
  'text',
  'description',
  'error',
  'errors',
  'details',
  'title',
  'reason',
];
const codeKeys = [
  'code',
  'status',
  'type',
  'error_code',
  'status_code',
  'statusCode',
  'err_code',
  'http_code',
  'reason',
  'param',
  'name',
];
/** Below which there may be another error. */
const nestingKeys = ['error', 'errors', 'detail', 'details', 'metadata', 'raw', 'innererror', 'message', 'violations'];

/** How deep errors are wrapped into each other at most; more is no error but an attack. */
const maxDepth = 6;
const maxListed = 4;
/** Far more than is shown, far less than would take time. */
const maxWords = 2000;

/** Reads the body of a refusal, or an event; anything unknown gives no words. */
export function readFailure(body: unknown): Failure {
  const words = wordsOf(body, 0).slice(0, maxWords);
  const found: Found = { codes: [], statuses: [], details: [], isFlagged: false, retryAfterMs: undefined };
  collect(body, 0, found);
  const named = found.codes.map(statusOfName).find((status) => status !== null);
  const status = found.statuses[0] ?? named ?? statusOfWords(words);
  const kind = kindOf({ ...found, words, status });
  const details = readErrorDetails(found.details);
  return {
    words,
    status,
    codes: found.codes,
    ...(kind === undefined ? {} : { kind }),
    ...paceOf(found),
    retryAfterMs: details.retryAfterMs ?? found.retryAfterMs ?? parseWaitInWords(words),
  };
}

/**
 * Whether an event is an error and no part of an answer: it has a field `error`
 * that says something, or is itself the body of a refusal.
 */
export function isFailure(event: object): boolean {
  const fields = event as Fields;
  if (saysSomething(fields['error']) || saysSomething(fields['errors'])) return true;
  if ('choices' in fields || 'candidates' in fields) return false;
  const hasWords = ['message', 'msg', 'detail', 'error_msg', 'error_message'].some((key) => saysSomething(fields[key]));
  const isNamed = fields['object'] === 'error' || fields['type'] === 'error' || 'detail' in fields;
  return (
    hasWords && (isNamed || saysSomething(fields['code']) || 'error_code' in fields || saysSomething(fields['status']))
  );
}

/** Servers write `error: null`, `{}`, `""` or `false` into events where nothing is wrong. */
function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return false;
  if (Array.isArray(value)) return value.some(saysSomething);
  return typeof value !== 'object' || Object.values(value).some(saysSomething);
}

function wordsOf(value: unknown, depth: number): string {
  if (depth > maxDepth) return '';
  if (typeof value === 'string') return wordsOfText(value, depth);
  if (Array.isArray(value)) {
    const each = (value as readonly unknown[]).slice(0, maxListed).map((element) => wordsOf(element, depth + 1));
    return [...new Set(each.filter((words) => words !== ''))].join('; ');
  }
  if (typeof value !== 'object' || value === null) return '';
  const fields = value as Fields;
  const plain = wordKeys.map((key) => wordsOf(fields[key], depth + 1)).find((words) => words !== '') ?? '';
  const where = placeOf(fields['loc']);
  const here = where === '' || plain === '' ? plain : `${where}: ${plain}`;
  const below = rawWordsOf(fields, depth);
  return below === '' || here.includes(below) ? here : [here, below].filter((words) => words !== '').join(' — ');
}

/** Words, or JSON with words in it, as one server hands on what another one said. */
function wordsOfText(text: string, depth: number): string {
  const start = text.slice(0, maxWords * 10);
  if (/^\s*[[{"]/.test(start)) {
    const parsed = parseJson(start);
    if (parsed !== undefined && parsed !== null) return wordsOf(parsed, depth + 1);
  }
  return /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(start) ? '' : start.slice(0, maxWords).trim();
}

/** OpenRouter says "Provider returned error" and puts the provider's own words into `metadata.raw`. */
function rawWordsOf(fields: Fields, depth: number): string {
  const { metadata } = fields;
  return typeof metadata === 'object' && metadata !== null ? wordsOf((metadata as Fields)['raw'], depth + 1) : '';
}

/** `["body", "messages", 0]` of a validator. */
function placeOf(loc: unknown): string {
  if (!Array.isArray(loc)) return '';
  return loc.filter((part) => typeof part === 'string' || typeof part === 'number').join('.');
}

interface Found {
  codes: string[];
  statuses: number[];
  details: Fields[];
  isFlagged: boolean;
  retryAfterMs: number | undefined;
}

function collect(value: unknown, depth: number, found: Found): void {
  if (depth > maxDepth) return;
  if (typeof value === 'string') {
    if (/^\s*[[{]/.test(value)) collect(parseJson(value.slice(0, maxWords * 10)), depth + 1, found);
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value.slice(0, maxListed)) collect(element, depth + 1, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Fields;
  for (const key of codeKeys) take(fields[key], found);
  for (const place of [fields['loc'], fields['param']]) {
    if (Array.isArray(place)) found.codes.push(placeOf(place));
  }
  if ('@type' in fields || 'quotaId' in fields) found.details.push(fields);
  const { reasons } = fields;
  found.isFlagged ||= fields['flagged_input'] !== undefined || (Array.isArray(reasons) && reasons.length > 0);
  found.retryAfterMs ??= waitOf(fields);
  for (const key of nestingKeys) collect(fields[key], depth + 1, found);
}

function take(code: unknown, found: Found): void {
  if (typeof code === 'string' && !/^\d+$/.test(code)) {
    if (code !== '' && code.length <= 100) found.codes.push(code);
    return;
  }
  const number = Number(code ?? Number.NaN);
  if (Number.isInteger(number) && number >= 400 && number <= 599) found.statuses.push(number);
}

/** Hugging Face names the seconds that loading takes; others the wait itself. */
function waitOf(fields: Fields): number | undefined {
  for (const key of ['retry_after', 'retryAfter', 'estimated_time']) {
    const seconds = fields[key];
    if (typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)) return Math.ceil(seconds * 1000);
  }
  return undefined;
}

const statusByName: readonly (readonly [RegExp, number])[] = [
  [/insufficient_?(?:quota|balance|credit|funds)|billing|payment_?required/i, 402],
  [/insufficient_system_resource|overloaded|unavailable|capacity|engine_?busy/i, 503],
  [/rate_?limit|resource_?exhausted|too_?many_?requests|throttl|quota/i, 429],
  [/auth|api_?key|invalid_?token|invalid_?credential/i, 401],
  [/permission|forbidden|access_?denied/i, 403],
  [/model_?not_?found|not_?found_?error|^not_?found$/i, 404],
  [/timeout|timed_?out|deadline/i, 504],
  [
    /invalid|bad_?request|failed_?precondition|out_?of_?range|context_?(?:length|size|window)|exceed|too_?(?:long|large)|unsupported|unprocessable|validation|value_?error|type_?error/i,
    400,
  ],
  [/server_?error|api_?error|internal/i, 500],
];

function statusOfName(name: string): number | null {
  return statusByName.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

const statusByWords: readonly (readonly [RegExp, number])[] = [
  [
    /\b(?:maximum )?context (?:length|size|window)\b|\bprompt (?:is|exceeds)\b.{0,20}(?:too long|max)|\btoo many tokens\b/i,
    400,
  ],
  [/\brate limit|\btoo many requests\b/i, 429],
  [/\b(?:invalid|incorrect|missing|no) (?:api[ -]?key|auth\w*|credentials)\b|\bunauthori[sz]ed\b/i, 401],
];

/** Where a body has no code at all, its words are the last that can tell. */
function statusOfWords(words: string): number | null {
  return statusByWords.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

const badKey = /^(?:invalid_api_?key|incorrect_api_?key|api_?key_\w+)$/i;
const badKeyWords =
  /\bapi[ _-]?key\b.{0,20}\b(?:not valid|invalid|expired|incorrect)|\b(?:invalid|incorrect|expired) api[ _-]?key\b/i;
const noQuota =
  /^(?:insufficient_?(?:quota|balance|credits?|funds)|billing_(?:hard_limit_reached|not_active)|credits?_exhausted|payment_?required)$/i;
const noQuotaWords =
  /\binsufficient (?:account )?(?:balance|credits?|funds)\b|\bcredit balance is too low\b|\brequires more credits\b/i;
const blocked =
  /^(?:content_?filter(?:ed)?|content_policy_violation|responsibleaipolicyviolation|data_?inspection_?failed|moderation\w*|sensitive\w*)$/i;
const blockedWords = /\b(?:was|been|is) flagged\b|\brequires moderation\b/i;
const perDay = /per[ _-]?day|\bdaily\b|\((?:RPD|TPD)\)/i;

function kindOf(found: Found & { readonly words: string; readonly status: number | null }): Refusal['kind'] {
  const { codes, words } = found;
  const hasCode = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));
  if (hasCode(badKey) || badKeyWords.test(words)) return 'bad-key';
  if (hasCode(blocked) || found.isFlagged || blockedWords.test(words)) return 'blocked';
  if (hasCode(noQuota) || noQuotaWords.test(words)) return 'no-quota';
  if (hasCode(/^model_?not_?found$/i)) return 'no-such-model';
  const quotas = elementsOf(found.details, quotaSchema).map(({ quotaId, quotaValue }) => `${quotaId} ${quotaValue}`);
  // A model that the plan does not have at all has a quota of nothing.
  if (quotas.some((quota) => quota.endsWith(' 0')) || /\blimit: 0\b/.test(words)) return 'no-quota';
  if (quotas.some((quota) => perDay.test(quota)) || (perDay.test(words) && /limit|quota|exceed/i.test(words))) {
    return 'day-quota';
  }
  return undefined;
}

const quotaSchema = z.object({ quotaId: z.string(), quotaValue: z.union([z.string(), z.number()]).default('') });

/** Google names the quota: so many requests a minute, of a project and model. */
function paceOf({ details }: Found): { readonly paceMs?: number } {
  const perMinute = elementsOf(details, quotaSchema).flatMap(({ quotaId, quotaValue }) =>
    /requests?PerMinute/i.test(quotaId) && Number(quotaValue) > 0 ? [Number(quotaValue)] : [],
  );
  return perMinute.length === 0 ? {} : { paceMs: Math.ceil(60_000 / Math.min(...perMinute)) };
}

const errorDetailSchema = z.object({ '@type': z.string(), retryDelay: textField });

/** What the details of a google.rpc.Status say about when to come back. */
function readErrorDetails(details: readonly unknown[]): { readonly retryAfterMs?: number } {
  const delay = elementsOf(details, errorDetailSchema).find((detail) =>
    detail['@type'].endsWith('google.rpc.RetryInfo'),
  )?.retryDelay;
  return { retryAfterMs: delay ? parseDuration(delay) : undefined };
}
