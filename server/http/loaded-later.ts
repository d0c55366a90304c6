import type { RequestHandler } from 'express';

/**
 * A handler whose code is loaded with the first request for it: what few
 * people look at makes no start slower. Where loading fails, that request
 * fails with its error, and the next one tries again.
 *
 * @example
 * app.use('/api/docs', loadedLater(async () => (await import('./docs.ts')).docsPages()));
 */
export function loadedLater(load: () => Promise<RequestHandler>): RequestHandler {
  let loading: Promise<RequestHandler> | undefined;
  const loaded = async (): Promise<RequestHandler> => {
    try {
      return await (loading ??= load());
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return async (request, response, next) => (await loaded())(request, response, next);
}
