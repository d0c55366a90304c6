import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import {
  blockedError,
  emptyError,
  networkError,
  noTextError,
  refusalError,
  truncatedError,
  wordsOf,
} from './errors.ts';
import type { ErrorSubject } from './errors.ts';
import { endingOf } from './finish-reasons.ts';
import { networkReason } from './http-body.ts';
import type { GuardedCall } from './guarded-call.ts';
import { isFailure, readFailure, type Failure } from './read-failure.ts';
import type { CallLimits, ProviderAnswer, ProviderRequest } from './provider.ts';
import { EventStreamError, readEventStream, type StreamEvent } from './server-sent-events.ts';
import { shownWord } from './wire-fields.ts';

/** Bytes of stream for each byte of answer: a token of one letter may come in 500 bytes of JSON. */
const streamBytesPerByte = 500;
/** An image that comes in one event is read whole, to be told by its name. */
const maxEventLength = 48 * 1024 * 1024;

/**
 * The events of an answer. Once the answer is whole, however the stream ends is
 * its end. Throws PROVIDER_NETWORK and NODE_OUTPUT_TOO_LARGE.
 */
async function* readAnswerEvents(options: {
  readonly response: Response;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
  readonly limits: CallLimits;
  readonly isWhole: () => boolean;
  readonly usage: () => ModelUsage | null;
}): AsyncGenerator<StreamEvent> {
  const { response, subject, call, isWhole } = options;
  if (response.body === null) return;
  const maxBytes = Math.max(options.limits.maxOutputBytes * streamBytesPerByte, 32 * 1024 * 1024);
  const events = readEventStream(response.body, { maxBytes, maxEventLength }, () => call.signOfLife());
  for (;;) {
    let next: IteratorResult<StreamEvent>;
    try {
      next = await events.next();
    } catch (error) {
      if (isWhole()) return;
      if (error instanceof EventStreamError) throw endlessError(subject, { maxBytes, usage: options.usage() });
      throw networkError(subject, { kind: 'broken', reason: networkReason(error), usage: options.usage() });
    }
    if (next.done) return;
    yield next.value;
  }
}

/** How the pieces of an answer came to an end. */
type EndOfPieces = Pick<EndOfAnswer, 'isDone' | 'hasBegun' | 'isGarbled'>;

/**
 * Reads the events of an answer as pieces. Throws what `refused` makes of a
 * failure that comes before the answer is whole; after its end an answer is
 * whole, whatever goes wrong with what should follow.
 */
export async function readPieces<Piece extends { readonly isAnswer: boolean }>(
  options: Parameters<typeof readAnswerEvents>[0] & {
    /** What a JSON value of the stream says. */
    readonly read: (value: object) => Piece;
    /** Takes in a piece of the answer. */
    readonly take: (piece: Piece) => void;
    readonly refused: (failure: Failure) => Error;
  },
): Promise<EndOfPieces> {
  const { call, isWhole, read, take, refused } = options;
  let hasBegun = false;
  let isGarbled = false;
  for await (const event of readAnswerEvents(options)) {
    if (event.kind === 'done') return { isDone: true, hasBegun, isGarbled };
    if (event.kind === 'garbled') {
      isGarbled ||= !isWhole();
      continue;
    }
    if (event.kind === 'error' || isFailure(event.value)) {
      if (isWhole()) continue;
      throw refused(readFailure(event.value));
    }
    const piece = read(event.value);
    if (!piece.isAnswer) continue;
    hasBegun = true;
    call.firstByteArrived();
    take(piece);
    if (isWhole()) call.answerIsWhole();
  }
  return { isDone: false, hasBegun, isGarbled };
}

function endlessError(
  { title }: ErrorSubject,
  { maxBytes, usage }: { readonly maxBytes: number; readonly usage: ModelUsage | null },
): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `${title} sent more than can be kept without finishing its answer, so it was stopped. ` +
      'Set "Max output tokens" (maxOutputTokens), or choose another model.',
    { details: { maxBytes, ...(usage === null ? {} : { usage }) } },
  );
}

/** What came of a stream, whatever its format. */
export interface EndOfAnswer {
  readonly text: string;
  /** Null where none was given. */
  readonly finishReason: string | null;
  /** The stream said itself that it is over. */
  readonly isDone: boolean;
  /** Anything of an answer came at all. */
  readonly hasBegun: boolean;
  /** Something could not be read before the answer was whole. */
  readonly isGarbled: boolean;
  /** The model's own words of refusal. */
  readonly refusal: string | null;
  /** What was sent in place of text, such as a tool call. */
  readonly otherKind: string | null;
  readonly thinkingTokens?: number | undefined;
  readonly usage: ModelUsage | null;
  readonly model: string | null;
}

/** The answer, or the error for what came in its place. */
export function concludeAnswer(
  request: Pick<ProviderRequest, 'maxOutputTokens' | 'model'>,
  subject: ErrorSubject,
  end: EndOfAnswer,
): ProviderAnswer {
  const { text, usage } = end;
  const reason = end.finishReason === null ? null : shownWord(end.finishReason);
  if (!end.hasBegun) throw networkError(subject, { kind: 'unreadable', usage });
  if (end.refusal !== null) {
    throw blockedError(subject, { reason: 'refusal', says: wordsOf('The model', end.refusal), usage });
  }
  if (end.finishReason === null && !end.isDone) {
    throw text.trim() === ''
      ? emptyError(subject, { reason: null, usage })
      : networkError(subject, { kind: 'broken', usage });
  }
  if (end.isGarbled) throw networkError(subject, { kind: 'unreadable', usage });
  switch (end.finishReason === null ? 'whole' : endingOf(end.finishReason)) {
    case 'cut':
      throw truncatedError(subject, {
        characters: text.length,
        maxOutputTokens: request.maxOutputTokens,
        thinkingTokens: end.thinkingTokens,
        usage,
      });
    case 'blocked':
      throw blockedError(subject, { reason: reason ?? 'no reason given', usage });
    case 'overloaded':
      throw refusalError(subject, { status: 503, explanation: `the answer ended by "${reason ?? ''}"`, usage });
    case 'odd':
      throw emptyError(subject, { reason, usage });
    case 'whole':
  }
  if (text.trim() !== '') return { text, usage, model: end.model ?? request.model };
  if (end.otherKind !== null) throw noTextError(subject, { what: end.otherKind, usage });
  throw emptyError(subject, { reason: reason !== null && !/^stop$/i.test(reason) ? reason : null, usage });
}
