import express, { Router, type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger as PinoLogger } from 'pino';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ServerDependencies } from './routes/deps.ts';
import { mountHealth } from './health.ts';
import { createBodyRoom } from './http/body-room.ts';
import { createGates } from './http/gates.ts';
import type { AccessOfRequests } from './http/access-of-requests.ts';
import { sendProblem } from './http/answer.ts';
import { loadedLater } from './http/loaded-later.ts';
import { mountRoutes } from './http/mount-routes.ts';
import { basePathOf, type BasePathSettings } from './request/base-path.ts';
import { requestLog } from './http/request-log.ts';
import type { AnyRoute } from './http/route.ts';
import { traceRequests } from './http/trace-requests.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { ServerMetrics } from './metrics.ts';
import { allRoutes } from './routes/all-routes.ts';
import { isApiPath, serveWebApp } from './web-app.ts';

const queueBoardPath = '/admin/queues';

/** What the Express app is put together of. */
export interface AppOptions extends ServerDependencies {
  readonly requestLogger: PinoLogger;
  readonly metrics: ServerMetrics;
  readonly access: AccessOfRequests;
  readonly isDraining: () => boolean;
  /** Routes that only the chosen way of signing in has. */
  readonly authRoutes: (deps: ServerDependencies) => AnyRoute[];
}

/** The app and what has to be stopped with it. */
export interface ServerApp {
  readonly app: Express;
  /** Every API route, for whoever wants to check all of them. */
  readonly routes: readonly AnyRoute[];
}

/** The whole HTTP side of the server: health, API, its description, and the web app. */
export function createApp(options: AppOptions): ServerApp {
  const { settings } = options;
  const routes = allRoutes(options, options.authRoutes(options));
  const app = express();
  app.disable('x-powered-by');
  // Answers are not kept anywhere (no-store), and hashing every one of them costs time.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', settings.trustedProxies);

  app.use(requestLog(options.requestLogger));
  app.use(traceRequests);
  app.use(securityHeaders({ sources: options.browserSignIn.sources, publicUrl: settings.publicUrl }));
  app.use(options.metrics.measure);
  const { auth, credentials, rates, audit, access, logger } = options;
  const gates = createGates({
    auth,
    credentials,
    rates,
    allowedOrigins: settings.allowedOrigins,
    trustForwardedHost: settings.trustedProxies > 0,
  });
  mountHealth(app, { ...options, gates });
  mountRoutes(app, routes, { pool: options.pool, audit, access, gates, bodies: createBodyRoom(), logger });
  app.use('/api/docs', docsAt(settings), loadedLater(docsPages));
  app.use(
    queueBoardPath,
    loadedLater(async () =>
      (await import('./queue-board.ts')).queueBoard({ ...options, path: queueBoardPath, base: settings }),
    ),
  );
  serveWebApp(app, settings.webDir, settings);

  app.use((request, response) => {
    const what = isApiPath(request.path) ? 'See /api/openapi.json for what there is.' : 'There is no such file.';
    const error = new TerminalError('ROUTE_NOT_FOUND', `There is nothing at this address. ${what}`);
    return sendProblem(request, response, error, options);
  });
  const onError: ErrorRequestHandler = (error: unknown, request, response, _next) =>
    sendProblem(request, response, error, options);
  app.use(onError);
  return { app, routes };
}

/** The description of the API as pages to try it on. */
async function docsPages(): Promise<RequestHandler> {
  const { default: swaggerUi } = await import('swagger-ui-express');
  return Router().use(swaggerUi.serve, swaggerUi.setup(null, { swaggerOptions: { url: '../openapi.json' } }));
}

/** The pages of the description find each other by a slash at the end, wherever the app lives. */
function docsAt(base: BasePathSettings): RequestHandler {
  return (request, response, next) => {
    if (request.originalUrl.split('?')[0] !== '/api/docs') return next();
    response.redirect(302, `${basePathOf(request, base)}/api/docs/`);
  };
}
