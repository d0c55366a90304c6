/** One thing that was wrong with a request, such as an input. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  /** `inputs.topic` */
  readonly path?: string;
}

/** What the server refuses, or that it cannot be reached (`status` 0, `code` NETWORK). */
export class HeddleError extends Error {
  override readonly name: string = 'HeddleError';
  /** Of HTTP. */
  readonly status: number;
  /** Stable, such as RUN_INPUT_MISSING. */
  readonly code: string;
  readonly errors: readonly Finding[];
  /** Under which the log of the server has more; null where there was no answer. */
  readonly requestId: string | null;
  /** Seconds after which it may be tried again; null where that does not help, or is not known. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly code: string;
      readonly errors?: readonly Finding[];
      readonly requestId?: string | null;
      readonly retryAfter?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.status = facts.status;
    this.code = facts.code;
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId ?? null;
    this.retryAfter = facts.retryAfter ?? null;
  }

  /** Whether the same request may be answered otherwise a little later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** A problem document of the server as an error. */
export function errorOf(status: number, problem: unknown, retryAfter: number | null = null): HeddleError {
  const { code, detail, title, errors, requestId } = (
    typeof problem === 'object' && problem !== null ? problem : {}
  ) as {
    readonly code?: unknown;
    readonly detail?: unknown;
    readonly title?: unknown;
    readonly errors?: unknown;
    readonly requestId?: unknown;
  };
  const words = [detail, title].find((text) => typeof text === 'string');
  return new HeddleError(words ?? `The server answered ${status}.`, {
    status,
    code: typeof code === 'string' ? code : 'UNKNOWN',
    errors: Array.isArray(errors) ? (errors as readonly Finding[]) : [],
    requestId: typeof requestId === 'string' ? requestId : null,
    retryAfter,
  });
}
