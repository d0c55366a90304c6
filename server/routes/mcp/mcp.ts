import { z } from 'zod';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { readJsonBody } from '../../http/json-body.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import { jsonLimits } from '../../limits/limits.ts';
import { appUrlOf } from '../../request/app-url.ts';
import type { ServerDependencies } from '../deps.ts';
import type { ServeMcp } from './serve-mcp.ts';

const callSchema = z.object({ method: z.literal('tools/call'), params: z.object({ name: z.string().max(255) }) });

/** Models call published workflows by the Model Context Protocol, with an API key. */
export function mcpRoutes(deps: ServerDependencies): AnyRoute[] {
  // Only when it is asked for: the protocol's code takes time to load.
  let serving: Promise<ServeMcp> | undefined;
  const load = () => (serving ??= import('./serve-mcp.ts').then(({ createServeMcp }) => createServeMcp(deps)));
  return [
    defineRoute({
      method: 'post',
      path: '/mcp',
      tag: 'MCP',
      summary: 'Model Context Protocol (streamable HTTP, without sessions): each published workflow is a tool',
      auth: 'user',
      scope: 'run',
      place: { of: 'workspace', role: 'runner' },
      endsWithAccess: true,
      responses: {
        200: { description: 'The answer, as JSON or as server-sent events.', contentType: 'text/event-stream' },
        202: { description: 'A notification was taken.' },
      },
      handler: async ({ principal, scope, request, response, signal }) => {
        const body = await readJsonBody(request, jsonLimits);
        // Each call starts a run or waits for one, and the rate of requests counts one of them.
        if (Array.isArray(body)) {
          throw new TerminalError(
            'REQUEST_INVALID',
            'Several messages in one request are not taken. Send each by itself.',
          );
        }
        const call = callSchema.safeParse(body);
        const tool = call.success ? call.data.params.name : null;
        const serve = await load();
        await serve(
          { request, response, body },
          { principal, scope, tool, appUrl: appUrlOf(request, deps.settings), signal },
        );
        return 'sent';
      },
    }),
  ];
}
