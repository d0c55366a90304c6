import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';

/** Where a user or an operator corrects what does not work. */
export type SettingNames = Pick<ErrorSubject, 'keyVariable' | 'addressVariable'>;

/** Who was asked for what: the words every provider error is made of. */
export interface ErrorSubject {
  /** The provider, as the first words of a sentence. */
  readonly title: string;
  /** What a wrong key or address would be corrected in: environment variables, or a user's own settings. */
  readonly keyVariable: string;
  readonly addressVariable: string;
  /** Null while listing models. */
  readonly model: string | null;
}

/** A refusal by HTTP status, reduced to what decides and what may be shown. */
export interface Refusal {
  readonly status: number;
  /** The provider's own words, already redacted. */
  readonly explanation: string | null;
  /** What the status alone does not say. */
  readonly kind?: 'bad-key' | 'no-quota' | 'day-quota' | 'no-such-model' | 'blocked';
  readonly retryAfterMs?: number;
  /** Milliseconds between two calls, by the quota that was exceeded. */
  readonly paceMs?: number;
  /** The field of the node that was refused, by its title. */
  readonly setting?: string | null;
  /** What a call that was begun had cost by then. */
  readonly usage?: ModelUsage | null;
}

/** What a provider says stands before what we say of it, where it is read first. `words` are redacted. */
export function wordsOf(who: string, words: string): string {
  return `${who} says: ${words.trim()}${/[.!?…"”']$/.test(words.trim()) ? '' : '.'} `;
}

/** The error for an answer with an HTTP status of 400 and up, or for an error in place of an answer. */
export function refusalError(subject: ErrorSubject, refusal: Refusal): TerminalError | RetryableError {
  const { title } = subject;
  const { status, kind, retryAfterMs } = refusal;
  const says = refusal.explanation === null ? '' : wordsOf(title, refusal.explanation);
  const details = {
    status,
    ...(subject.model === null ? {} : { model: subject.model }),
    ...(refusal.usage ? { usage: refusal.usage } : {}),
    ...(refusal.paceMs === undefined ? {} : { paceMs: refusal.paceMs }),
  };

  if (kind === 'blocked') {
    return blockedError(subject, { reason: `status ${status}`, says, usage: refusal.usage ?? null });
  }
  if (kind === 'no-quota' || status === 402) {
    return new TerminalError(
      'PROVIDER_RATE_LIMITED',
      `${says}${title} says that the account is out of quota or credit, so waiting will not help. Check its billing.`,
      { details },
    );
  }
  if (kind === 'bad-key' || status === 401 || status === 403) {
    return new TerminalError(
      'PROVIDER_AUTH',
      `${says}${title} refused the API key, or the key may not use this model. Check ${subject.keyVariable}.`,
      { details },
    );
  }
  if (kind === 'no-such-model' || status === 404 || status === 405) {
    return notFoundError(subject, refusal, { says, details });
  }
  if (status === 429 && kind === 'day-quota') {
    return new TerminalError(
      'PROVIDER_RATE_LIMITED',
      `${says}${title} accepts no more requests today: the daily quota is used up. Wait until it resets, raise it, ` +
        'or choose another model.',
      { details },
    );
  }
  if (status === 429) {
    const wait = retryAfterMs === undefined ? 'later' : `in ${waitText(retryAfterMs)}`;
    return new RetryableError(
      'PROVIDER_RATE_LIMITED',
      `${says}${title} accepts no more requests for now (rate limit). Try again ${wait}.`,
      { details, retryAfterMs },
    );
  }
  if (status === 408 || status === 504) {
    return new RetryableError('PROVIDER_TIMEOUT', `${says}${title} timed out (status ${status}). Try again.`, {
      details,
      retryAfterMs,
    });
  }
  // 498 is how Groq, 499 how proxies and gRPC say that a call was given up.
  if (status >= 500 || status === 425 || status === 498 || status === 499) {
    return new RetryableError(
      'PROVIDER_OVERLOADED',
      `${says}${title} is overloaded or down (status ${status}). Try again later.`,
      { details, retryAfterMs },
    );
  }
  const advice = refusal.setting
    ? `Change "${refusal.setting}".`
    : 'Check the model, the length of the prompts and the images.';
  return new TerminalError(
    'PROVIDER_BAD_REQUEST',
    `${says}${title} refused the request (status ${status}). ${advice}`,
    { details },
  );
}

/** Whose fault a missing page is shows in what is said about it: a server that speaks of models is the right one. */
function notFoundError(
  subject: ErrorSubject,
  { kind, explanation }: Refusal,
  { says, details }: { readonly says: string; readonly details: Readonly<Record<string, unknown>> },
): TerminalError {
  const { title, model, addressVariable } = subject;
  const words = explanation ?? '';
  const message =
    model === null
      ? `${title} has no list of models at the configured address. Check ${addressVariable}.`
      : kind === 'no-such-model' || /\bmodels?\b|\bdeploy/i.test(words) || (model.length > 2 && words.includes(model))
        ? `${title} does not know the model "${model}". Choose another one, or check ${addressVariable}.`
        : `${title} returned 404 for the configured URL. Check ${addressVariable}; if the URL is ` +
          'right, choose another model.';
  return new TerminalError('PROVIDER_MODEL_NOT_FOUND', says + message, { details });
}

/** The provider points to another address. It is not followed: key and prompt would go there, too. */
export function redirectError(
  subject: ErrorSubject,
  redirect: { readonly status: number; readonly isToHttps: boolean },
): TerminalError {
  const advice = redirect.isToHttps ? 'starting with https://' : 'exactly as the server writes it';
  return new TerminalError(
    'PROVIDER_NETWORK',
    `${subject.title} redirects to another URL (status ${redirect.status}), which is not followed. ` +
      `Give ${subject.addressVariable} ${advice}.`,
    { details: { model: subject.model, status: redirect.status } },
  );
}

function waitText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** The prompt or the answer fell under the provider's rules. */
export function blockedError(
  subject: ErrorSubject,
  block: { readonly reason: string; readonly says?: string; readonly usage: ModelUsage | null },
): TerminalError {
  return new TerminalError(
    'PROVIDER_BLOCKED',
    `${block.says ?? ''}${subject.title} blocked the prompt or the answer under its content rules (${block.reason}). ` +
      'Change the prompt or the images.',
    { details: { model: subject.model, reason: block.reason, usage: block.usage } },
  );
}

/** The answer reached the token limit before its end. */
export function truncatedError(
  subject: ErrorSubject,
  cut: {
    readonly characters: number;
    readonly maxOutputTokens: number | undefined;
    /** Tokens spent on thinking, where the provider says so. */
    readonly thinkingTokens?: number;
    readonly usage: ModelUsage | null;
  },
): TerminalError {
  const tokens = cut.usage === null ? '' : ` (${cut.usage.outputTokens} tokens)`;
  const thinking = cut.thinkingTokens ? ` ${cut.thinkingTokens} tokens were used for thinking.` : '';
  const limit =
    cut.maxOutputTokens === undefined ? "the model's own limit" : `the limit of ${cut.maxOutputTokens} tokens`;
  return new TerminalError(
    'PROVIDER_TRUNCATED',
    `${subject.title} stopped its answer after ${cut.characters} characters${tokens} because of ${limit}.${thinking} ` +
      'Raise "Max output tokens" (maxOutputTokens), or ask for a shorter answer.',
    {
      details: {
        model: subject.model,
        field: 'maxOutputTokens',
        characters: cut.characters,
        maxOutputTokens: cut.maxOutputTokens ?? null,
        usage: cut.usage,
      },
    },
  );
}

/** The provider ended without a word. */
export function emptyError(
  subject: ErrorSubject,
  end: { readonly reason: string | null; readonly usage: ModelUsage | null },
): RetryableError {
  const reason = end.reason === null ? '' : ` (${end.reason})`;
  return new RetryableError(
    'PROVIDER_EMPTY',
    `${subject.title} returned no usable answer${reason}. Try again, or change the prompt.`,
    { details: { model: subject.model, reason: end.reason, usage: end.usage } },
  );
}

/** The provider answered with something else than text, which asking again would not change. */
export function noTextError(
  subject: ErrorSubject,
  end: { readonly what: string; readonly usage: ModelUsage | null },
): TerminalError {
  return new TerminalError(
    'PROVIDER_EMPTY',
    `${subject.title} answered with ${end.what} and no text. Choose a model that answers with text, or ask for text.`,
    { details: { model: subject.model, usage: end.usage } },
  );
}

/** No connection, or one that broke. `reason` is a code such as ECONNREFUSED, never an address. */
export function networkError(
  subject: ErrorSubject,
  failure: {
    readonly kind: 'unreachable' | 'broken' | 'unreadable';
    readonly reason?: string | null;
    readonly usage?: ModelUsage | null;
  },
): RetryableError {
  const reason = failure.reason ? ` (${failure.reason})` : '';
  const what = {
    unreachable: `${subject.title} could not be reached${reason}. Check the network and ${subject.addressVariable}.`,
    broken: `${subject.title} closed the connection before its answer was complete${reason}. Try again.`,
    unreadable: `${subject.title} sent an invalid response. Try again; if it keeps happening, check ${subject.addressVariable}.`,
  }[failure.kind];
  return new RetryableError('PROVIDER_NETWORK', what, {
    details: {
      model: subject.model,
      reason: failure.reason ?? null,
      ...(failure.usage ? { usage: failure.usage } : {}),
    },
  });
}
