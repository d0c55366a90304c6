import { storableText } from '../storable-text.ts';
import type { ErrorCode } from './codes.ts';
import { systemCodeOf } from './system-code.ts';

/** What an error carries besides its code and message. */
export interface AppErrorOptions {
  /** Machine-readable facts: ids, limits, field paths. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A page of words; beyond it is what somebody sent, not what anybody reads. */
const maxMessageCharacters = 10_000;

/**
 * The base of every error that Heddle raises on purpose. `code` is stable and
 * documented in docs/errors.md; `message` says what could not be done, why,
 * and what to do, in words a user can act on. What others said and stands in it may
 * hold anything: the message is made fit to be stored and shown, and bounded.
 */
export abstract class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(
      storableText(message, maxMessageCharacters),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Trying again cannot help: bad input, missing configuration, a refused request. */
export class TerminalError extends AppError {}

/** Without `retryAfterMs`, the retry policy alone decides about the wait. */
export interface RetryableErrorOptions extends AppErrorOptions {
  /** The earliest useful moment for another attempt, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** Trying again may help: an overloaded provider, a broken connection. */
export class RetryableError extends AppError {
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: RetryableErrorOptions = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Codes of the system for a disk or a quota without room. */
const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Wraps anything that is not an AppError once: a full disk as STORAGE_FULL, the rest as INTERNAL; both are retryable. */
export function toAppError(error: unknown): TerminalError | RetryableError {
  if (error instanceof TerminalError || error instanceof RetryableError) return error;
  if (fullDisk.has(systemCodeOf(error))) {
    return new RetryableError(
      'STORAGE_FULL',
      'The disk for working files is full. Free some space, or ask the operator to.',
      {
        cause: error,
      },
    );
  }
  const reason = error instanceof Error ? error.message : textOf(error);
  return new RetryableError('INTERNAL', `An unexpected error stopped the work: ${reason}`, { cause: error });
}

/** Anything can be thrown, also what has no text: an object without a prototype, a broken `toString`. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that cannot be displayed';
  }
}
