import type { Failure } from './read-failure.ts';

/**
 * A change to the request that a server asks for by refusing it:
 * no `stream_options`, `max_completion_tokens` in place of `max_tokens`, the
 * system prompt before the user's first message, no `temperature`, no stream, the schema of the answer in words.
 */
export type Adaption =
  'no-stream-options' | 'other-token-field' | 'system-in-user' | 'no-temperature' | 'no-stream' | 'no-schema';

/** What of the request could be changed. */
export interface SentFields {
  readonly hasStreamOptions: boolean;
  readonly hasMaxTokens: boolean;
  readonly hasSystem: boolean;
  readonly hasTemperature: boolean;
  readonly isStream: boolean;
  readonly hasSchema: boolean;
}

/** Statuses by which servers refuse a field: gateways make a 500 of somebody else's 400. */
const refusingStatuses: ReadonlySet<number> = new Set([400, 404, 405, 415, 422, 500, 501]);

const isUnknown =
  /unsupported|not (?:\w+ )?supported|unknown|unrecogni[sz]ed|unexpected|extra[ _](?:inputs?|fields?|forbidden)|not (?:permitted|allowed|enabled)|invalid (?:field|argument|parameter)|(?:does|do)(?:n't| not) support|additional propert|deprecated/i;
const systemRole =
  /\bsystem(?:'|"|`)?[ _](?:role|messages?|instructions?|prompts?)\b|\b(?:role|does not support) (?:of )?['"`]?system\b|developer instruction|roles? must alternate|only user(?:,| and).{0,30}roles/i;
/** Whatever it says of a schema: in words every server takes one. */
const schemaWords =
  /\bresponse_?(?:format|json_?schema|schema|mime_?type)\b|\bjson[ _]?(?:schema|mode)\b|structured outputs?/i;
const onlyValue =
  /unsupported[ _]value|does not support \d|only the default|must be|between|less than|greater than|too (?:large|small)/i;

/** The change that a refusal asks for, or null: then it is about something else. */
export function adaptionFor(failure: Failure, status: number, sent: SentFields): Adaption | null {
  if (!refusingStatuses.has(status)) return null;
  const text = [failure.words, ...failure.codes].join(' ');
  if (sent.hasStreamOptions && /stream_options|include_usage/.test(text)) return 'no-stream-options';
  if (sent.hasMaxTokens && /\bmax_tokens\b/.test(text) && isUnknown.test(text) && !onlyValue.test(text)) {
    return 'other-token-field';
  }
  if (sent.hasSchema && schemaWords.test(text)) return 'no-schema';
  const isAboutRole = systemRole.test(text) && (isUnknown.test(text) || /alternate|only user/i.test(text));
  if (sent.hasSystem && (isAboutRole || /\bmessages\[0\]\.role\b/.test(text))) return 'system-in-user';
  if (sent.hasTemperature && /\btemperature\b/.test(text) && isUnknown.test(text) && !onlyValue.test(text)) {
    return 'no-temperature';
  }
  if (
    sent.isStream &&
    /\bto stream this model\b|\bstreaming is not|not support streaming|['"`]stream['"`]/i.test(text)
  ) {
    return isUnknown.test(text) || /verified/i.test(text) ? 'no-stream' : null;
  }
  return null;
}

/** The field of a node that a refusal speaks of, by its title; null where it speaks of none. */
export function refusedSetting(failure: Failure): string | null {
  const text = [failure.words, ...failure.codes].join(' ');
  if (/\btemperature\b/i.test(text)) return 'Temperature';
  if (/\breasoning(?:_effort)?\b|\bthinking(?:_?(?:budget|level|config))?\b/i.test(text)) return 'Reasoning effort';
  if (/\bseed\b/i.test(text)) return 'Seed';
  if (/['"`]stop['"`]|\bstop_?sequences?\b/i.test(text)) return 'Stop at';
  return /\bmax_(?:completion_|output_|new_)?tokens\b|\bmaxOutputTokens\b/i.test(text) ? 'Max output tokens' : null;
}

/** Servers and models that are remembered; each takes some hundred bytes. */
const maxRemembered = 1000;

/** What the servers asked for so far, by address and model. Shared by the providers of a process. */
export class WireMemory {
  readonly #adaptions = new Map<string, ReadonlySet<Adaption>>();
  readonly #bases = new Map<string, string>();
  /** Uploads that are under way, by address and name. */
  readonly underWay = new Map<string, Promise<unknown>>();

  adaptionsOf(address: string, model: string): ReadonlySet<Adaption> {
    return this.#adaptions.get(`${address} ${model}`) ?? new Set();
  }

  remember(address: string, model: string, adaption: Adaption): void {
    const key = `${address} ${model}`;
    keep(this.#adaptions, key, new Set([...this.adaptionsOf(address, model), adaption]));
  }

  /** Under which of several possible paths a server answers. */
  baseOf(address: string): string | undefined {
    return this.#bases.get(address);
  }

  rememberBase(address: string, base: string): void {
    keep(this.#bases, address, base);
  }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxRemembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
