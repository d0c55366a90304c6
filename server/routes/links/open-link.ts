import type { Request, Response } from 'express';
import { inputsOf, type WorkflowInput } from '../../../core/interface/inputs.ts';
import { outputsOf } from '../../../core/interface/outputs.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import type { Scope } from '../../../core/scope.ts';
import { findOpenLink, type OpenLink } from '../../../db/links/find.ts';
import type { Visitor } from '../../../db/links/visitor-runs.ts';
import { findRunnableGraph } from '../../../db/workflows/find-published.ts';
import { hashSecret } from '../../auth/secrets.ts';
import { limit } from '../../limits/rate-limits.ts';
import type { ServerDependencies } from '../deps.ts';
import { linkEnded } from './link-shown.ts';
import type { ResultPlace } from './shared-stream.ts';
import { visitorOf } from './visitor-cookie.ts';

/** A link that somebody came by, and who they are to it. */
export interface Opened {
  readonly link: OpenLink;
  readonly visitor: Visitor;
  /** What its runs are started and read with; never shown to the visitor. */
  readonly scope: Scope;
}

/** What of a workflow a visitor works with. */
export interface SharedGraph {
  readonly name: string;
  readonly data: Graph;
  readonly inputs: readonly WorkflowInput[];
}

/** Looks up links by what stands in their addresses. */
export function createLinkOpener(deps: Pick<ServerDependencies, 'pool' | 'rates' | 'settings' | 'catalogue'>) {
  const { pool, rates, settings, catalogue } = deps;

  /** Throws LINK_NOT_FOUND. */
  async function requireOpen(token: string): Promise<OpenLink> {
    const link = await findOpenLink(pool, hashSecret(token));
    if (link === null) throw linkEnded();
    return link;
  }

  /** Throws LINK_NOT_FOUND, RATE_LIMITED. */
  async function open(token: string, request: Request, response: Response): Promise<Opened> {
    const link = await requireOpen(token);
    limit(await rates.takeFrom('linkVisitor', request.ip ?? 'unknown', link.id));
    limit(await rates.take('link', link.id));
    const visitor = { linkId: link.id, visitor: visitorOf(request, response, settings) };
    const scope: Scope = { workspaceId: link.userId, actorId: link.createdBy ?? link.userId, role: 'runner' };
    return { link, visitor, scope };
  }

  async function graphOf({ link, scope }: Opened, version: number | null): Promise<Graph | null> {
    return (await findRunnableGraph(pool, scope, link.workflowId, version ?? 'live'))?.data ?? null;
  }

  return {
    open,
    /** Whether a link is still open, for who is inside already: costs no request of its rate. Throws LINK_NOT_FOUND. */
    requireOpen,
    /** Opens a link where there is a run left. Throws LINK_NOT_FOUND, RATE_LIMITED. */
    openForMore: async (token: string, request: Request, response: Response): Promise<Opened> => {
      const opened = await open(token, request, response);
      if (opened.link.isUsedUp) throw linkEnded();
      return opened;
    },
    /** What is live of the workflow of a link. Throws LINK_NOT_FOUND where nothing is. */
    liveOf: async ({ link, scope }: Opened): Promise<SharedGraph> => {
      const found = await findRunnableGraph(pool, scope, link.workflowId, 'live');
      if (found === null || found.published === null || found.data === null) throw linkEnded();
      return { name: found.name, data: found.data, inputs: inputsOf(found.data, catalogue) };
    },
    /** The graph of a published version; null where it is gone. */
    graphOf,
    /** The results of a published version and where they come from. */
    resultsOf: async (opened: Opened, version: number | null): Promise<readonly ResultPlace[]> => {
      const data = await graphOf(opened, version);
      if (data === null) return [];
      return outputsOf(data, catalogue).map(({ name, nodeId }) => ({
        name,
        nodeId,
        from: data.edges.find(({ target }) => target === nodeId)?.source ?? null,
      }));
    },
  };
}
