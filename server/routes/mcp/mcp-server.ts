import { McpServer, ResourceTemplate, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { RunDetail } from '../../../core/api/runs.ts';
import { AppError } from '../../../core/errors/app-error.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import { interfaceOf, type WorkflowInterface } from '../../../core/interface/json-schema.ts';
import { isNodeFinished, isRunFinished } from '../../../core/run/status.ts';
import type { Scope } from '../../../core/scope.ts';
import { listLiveWorkflows, type LiveWorkflow } from '../../../db/workflows/list-live.ts';
import { sha256 } from '../../../engine/runs/plan-request.ts';
import type { Principal } from '../../auth/principal.ts';
import { runNotFound } from '../../http/not-found.ts';
import { waitForRun } from '../../runs/wait-for-run.ts';
import type { ServerDependencies } from '../deps.ts';
import { startedDetail, startOnce } from '../start-once.ts';
import { declared } from './known-schema.ts';
import { resultOf, runResultSchema, runUri, waitTool } from './run-result.ts';

/** Clients wait for a minute unless they are told otherwise: the answer is there before, with a run to ask for. */
const longestWaitSeconds = 45;
/** A client that wants to know hears about so often how far a run is. */
const progressMs = 1_000;
/** More tools than any model can choose from. */
const maxTools = 500;
/** Interfaces that are remembered, some KiB each. */
const maxKnown = 500;

const runIdSchema = z.uuid();

/** Who asks, and in which words. */
export interface McpRequest {
  readonly principal: Principal;
  readonly scope: Scope;
  /** The one tool that is called; null: all are listed. */
  readonly tool: string | null;
  /** Where browsers find files. */
  readonly appUrl: string;
  /** Aborts when the right to ask has ended. */
  readonly signal: AbortSignal;
}

/** Makes the MCP server of one request: every workflow that is live is a tool, every run a resource. */
export function createMcpServers(deps: ServerDependencies): (request: McpRequest) => Promise<McpServer> {
  const { pool, catalogue, runDetails, settings, logger } = deps;
  const known = new LRUCache<string, WorkflowInterface>({ max: maxKnown });

  function contractOf({ workspaceId }: Scope, { id, version, data }: LiveWorkflow): WorkflowInterface {
    // Files have other names in another workspace.
    const key = `${id} ${version} ${workspaceId}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const contract = interfaceOf(data, catalogue, sha256);
    known.set(key, contract);
    return contract;
  }

  async function detailOf({ scope }: McpRequest, runId: string): Promise<RunDetail> {
    const run = runIdSchema.safeParse(runId).success ? await runDetails.find(scope, runId) : null;
    if (run === null) throw runNotFound(runId);
    return run;
  }

  /** Waits for a run, telling how far it is to who wants to know; the run goes on whatever becomes of the request. */
  async function follow(
    request: McpRequest,
    first: RunDetail,
    { seconds, context }: { readonly seconds: number; readonly context: ServerContext },
  ): Promise<RunDetail> {
    const { scope, signal } = request;
    const token = context.mcpReq._meta?.progressToken;
    const until = performance.now() + seconds * 1_000;
    let run = first;
    let told = 0;
    while (!isRunFinished(run.status)) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || signal.aborted) break;
      const timeoutMs = token === undefined ? leftMs : Math.min(leftMs, progressMs);
      await waitForRun(deps, { scope, runId: run.id, timeoutMs, signal });
      run = await detailOf(request, run.id);
      if (token === undefined || isRunFinished(run.status)) continue;
      const done = run.nodeExecutions.filter(({ status }) => isNodeFinished(status)).length;
      // It has to grow, or clients take it for none.
      told = Math.max(told + 0.001, done);
      const progress = { progressToken: token, progress: told, total: run.nodeExecutions.length };
      await context.mcpReq.notify({ method: 'notifications/progress', params: progress });
    }
    return run;
  }

  /** Errors that are meant for people come back as the tool's answer; the words of others are nobody's business. */
  async function inWords(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError)) logger.error({ err: error }, 'a tool of MCP failed');
      return { content: [{ type: 'text', text: wordsOf(error) }], isError: true };
    }
  }

  return async (request) => {
    const { scope, principal, tool, signal, appUrl } = request;
    const server = new McpServer({ name: 'heddle', title: 'Heddle', version: settings.version });
    const result = (run: RunDetail) => resultOf(run, ({ url }) => `${appUrl}${url}`);
    const slug = tool === null || tool === waitTool ? null : tool;
    const workflows = tool === waitTool ? [] : await listLiveWorkflows(pool, scope, { slug, limit: maxTools });
    for (const workflow of workflows) {
      const contract = contractOf(scope, workflow);
      server.registerTool(
        workflow.slug,
        {
          title: workflow.name,
          description: `Runs the workflow “${workflow.name}”, version ${workflow.version}, and gives its outputs. Files are given as addresses.`,
          inputSchema: declared(contract.inputs),
          outputSchema: declared(runResultSchema(contract.outputs)),
          annotations: { readOnlyHint: false, idempotentHint: false },
        },
        (inputs, context) =>
          inWords(async () => {
            const started = await startOnce(deps, {
              principal,
              scope,
              workflowId: workflow.id,
              published: 'live',
              body: { mode: 'all', inputs },
              key: null,
              signal,
            });
            const first = await startedDetail(runDetails, scope, started);
            return result(await follow(request, first, { seconds: longestWaitSeconds, context }));
          }),
      );
    }
    server.registerTool(
      waitTool,
      {
        title: 'Wait for a run',
        description: 'Waits for a run that another tool has started, and gives its outputs, or says that it goes on.',
        inputSchema: z.strictObject({
          runId: z.uuid(),
          seconds: z.number().min(0).max(longestWaitSeconds).default(longestWaitSeconds),
        }),
        annotations: { readOnlyHint: true },
      },
      ({ runId, seconds }, context) =>
        inWords(async () => result(await follow(request, await detailOf(request, runId), { seconds, context }))),
    );
    server.registerResource(
      'run',
      new ResourceTemplate(runUri('{runId}'), { list: undefined }),
      { title: 'A run', description: 'Its status and outputs.', mimeType: 'application/json' },
      async (uri, { runId }) => {
        const { id, status, error, outputs } = await detailOf(request, String(runId));
        const text = JSON.stringify({ runId: id, status, error, outputs }, null, 2);
        return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
      },
    );
    return server;
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof FindingsError) {
    return [error.message, ...error.findings.map(({ message }) => `- ${message}`)].join('\n');
  }
  if (error instanceof AppError) return error.message;
  return 'Something in this installation failed. Try again; if that does not help, ask its operator.';
}
