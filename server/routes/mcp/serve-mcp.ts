import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Request, Response } from 'express';
import type { ServerDependencies } from '../deps.ts';
import { createMcpServers, type McpRequest } from './mcp-server.ts';

/** Answers one request of the protocol, whose body is read already. */
export type ServeMcp = (
  exchange: { readonly request: Request; readonly response: Response; readonly body: unknown },
  asked: McpRequest,
) => Promise<void>;

/** A server of the protocol for each request: nothing is kept between two of them. */
export function createServeMcp(deps: ServerDependencies): ServeMcp {
  const serverOf = createMcpServers(deps);
  return ({ request, response, body }, asked) =>
    toNodeHandler(createMcpHandler(() => serverOf(asked)))(request, response, body);
}
