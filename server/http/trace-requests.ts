import type { NextFunction, Request, Response } from 'express';
import { markFailed, startRequestSpan } from '../../engine/tracing.ts';

/** Express middleware: one span for each request, in the trace of the caller where it names one. */
export function traceRequests(request: Request, response: Response, next: NextFunction): void {
  const { span, run } = startRequestSpan(request.method, request.headers);
  response.once('close', () => {
    const route = request.route as { path?: unknown } | undefined;
    // The route, not the address: that may hold a search text or a token.
    const path = typeof route?.path === 'string' ? route.path : 'other';
    span.updateName(`${request.method} ${path}`);
    span.setAttributes({ 'http.route': path, 'http.response.status_code': response.statusCode });
    if (response.statusCode >= 500) markFailed(span, String(response.statusCode));
    span.end();
  });
  run(next);
}
