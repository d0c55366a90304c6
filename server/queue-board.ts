import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { TerminalError } from '../core/errors/app-error.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { credentialsOf } from './auth/principal.ts';
import type { AuthProvider } from './auth/provider.ts';
import { basePathOf, type BasePathSettings } from './request/base-path.ts';
import { sendProblem, type Reporting } from './http/answer.ts';

/** Fonts of a foreign host; nothing of Heddle asks anybody else for anything. */
const foreignLinks = /<link\b[^>]*https?:\/\/[^>]*>/g;

interface QueueBoardOptions extends Reporting {
  /** Where the board stands, without the path that the app itself has behind a proxy. */
  readonly path: string;
  readonly queue: Pick<RunQueue, 'inner'>;
  readonly auth: AuthProvider;
  readonly base: BasePathSettings;
}

/**
 * Bull Board for owners who are signed in: what is in the queues, to look at.
 * It changes nothing: jobs only wake workers, and what runs is decided in Postgres.
 */
export function queueBoard({ path, queue, auth, base, logger }: QueueBoardOptions): RequestHandler {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: queue.inner.map((inner) => new BullMQAdapter(inner, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Heddle queues' } },
  });
  const board: unknown = adapter.getRouter();

  const admit = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    try {
      // The board refuses changes itself; that none gets that far does not depend on it.
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('Allow', 'GET, HEAD');
        throw new TerminalError('METHOD_NOT_ALLOWED', 'The queues are to look at only. Cancel runs in the app.');
      }
      const principal = await auth.authenticate({ ...credentialsOf(request.headers), bearer: null });
      if (principal === null) throw new TerminalError('AUTH_REQUIRED', 'Sign in as an owner, then come back here.');
      if (principal.role !== 'owner')
        throw new TerminalError('SCOPE_MISSING', 'Only an owner of this installation may look at the queues. Ask one.');
    } catch (error) {
      await sendProblem(request, response, error, { logger });
      return;
    }
    // What it shows is the owner's, and is gone with the session.
    response.setHeader('Cache-Control', 'no-store');
    const send = response.send.bind(response);
    const here = `${basePathOf(request, base)}${path}`;
    response.send = (body: unknown) => {
      if (typeof body !== 'string') return send(body);
      const isPage = body.trimStart().startsWith('<');
      const local = body.replaceAll(foreignLinks, '');
      return send(isPage ? local.replaceAll(path, here) : local);
    };
    next();
  };
  return Router().use(admit, board as RequestHandler);
}
