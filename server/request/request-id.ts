import type { Request } from 'express';

/** The id that names one request in its answer and in every log line about it. */
export function requestIdOf(request: Request): string {
  return typeof request.id === 'string' ? request.id : '';
}
