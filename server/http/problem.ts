import type { z } from 'zod';
import type { ApiFinding, Problem } from '../../core/api/common.ts';
import { AppError, RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { errorCatalogue, type ErrorCode } from '../../core/errors/codes.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { isTransientDatabaseError } from '../../engine/outage.ts';
import { crossedRequestOf } from './crossed-requests.ts';

/** An error as an answer: a status, headers and an RFC 9457 document. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

/** Seconds after which a client may come back while Postgres is away. */
const unavailableRetrySeconds = 2;

/**
 * The answer to a failed request. Only what an AppError says on purpose is
 * shown; everything else becomes INTERNAL, or SERVICE_UNAVAILABLE where the
 * database is out of reach.
 */
export function problemOf(error: unknown, request: { path: string; requestId: string }): ProblemAnswer {
  const known = toKnownError(error);
  const status = errorCatalogue[known.code];
  const isHidden = known.code === 'INTERNAL';
  const headers: Record<string, string> = {};
  if (known instanceof RetryableError && known.retryAfterMs !== undefined) {
    headers['Retry-After'] = String(Math.max(1, Math.ceil(known.retryAfterMs / 1_000)));
  }
  const details = isHidden || Object.keys(known.details).length === 0 ? undefined : { ...known.details };
  const findings = known instanceof FindingsError ? [...known.findings] : undefined;
  return {
    status,
    headers,
    problem: {
      type: `urn:heddle:error:${known.code}`,
      title: titleOf(known.code),
      status,
      detail: isHidden
        ? 'Something went wrong on the server. The log has the reason under this request id.'
        : known.message,
      instance: request.path,
      code: known.code,
      requestId: request.requestId,
      ...(findings === undefined ? {} : { errors: findings }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

const faults: ReadonlySet<unknown> = new Set<ErrorCode>(['INTERNAL', 'SERVICE_UNAVAILABLE']);

/** Whether only the log has the reason of an answer with that code; others, such as a full quota, say all there is. */
export function isFault(code: unknown): boolean {
  return faults.has(code);
}

function toKnownError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isTransientDatabaseError(error)) {
    return new RetryableError(
      'SERVICE_UNAVAILABLE',
      'The database cannot be reached at the moment. Try again shortly.',
      {
        cause: error,
        retryAfterMs: unavailableRetrySeconds * 1_000,
      },
    );
  }
  const crossed = crossedRequestOf(error);
  if (crossed !== null) return crossed;
  if (isPathError(error))
    return new TerminalError('ROUTE_NOT_FOUND', 'There is nothing at this address. Check how it is written.');
  return new TerminalError('INTERNAL', 'unexpected', { cause: error });
}

/** Express raises these for `%zz` and the like in a path. */
function isPathError(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && (error as { status?: unknown }).status === 400);
}

function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Nobody reads more, and a hostile body may have tens of thousands. */
const maxFindings = 100;

/** The findings of a failed schema, as one error; `code` is FIELD_UNKNOWN where nothing but unknown fields was wrong. */
export function invalidRequest(error: z.ZodError, part: 'body' | 'query'): FindingsError {
  const onlyUnknown = error.issues.every((issue) => issue.code === 'unrecognized_keys');
  const findings = error.issues
    .slice(0, maxFindings)
    .flatMap((issue) => findingsOf(issue, part))
    .slice(0, maxFindings);
  const summary = findings
    .slice(0, 3)
    .map((finding) => (finding.path ? `${finding.path}: ${finding.message}` : finding.message))
    .join(' ');
  return new FindingsError(
    onlyUnknown ? 'FIELD_UNKNOWN' : 'REQUEST_INVALID',
    `The ${part === 'body' ? 'body' : 'query'} is not valid. ${summary}`,
    findings,
  );
}

function findingsOf(issue: z.core.$ZodIssue, part: 'body' | 'query'): ApiFinding[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'FIELD_UNKNOWN',
      message: part === 'body' ? 'There is no such field.' : 'There is no such parameter.',
      path: pathText([...issue.path, key.slice(0, 100)]),
    }));
  }
  return [{ code: 'REQUEST_INVALID', message: `${issue.message}.`, ...(path === '' ? {} : { path }) }];
}

/** `['data', 'nodes', 2, 'id']` as `data.nodes[2].id`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
