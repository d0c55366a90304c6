import {
  appLinkListSchema,
  appLinkSchema,
  changeLinkBodySchema,
  createdLinkSchema,
  createLinkBodySchema,
} from '../../core/api/links.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import { changeLink, deleteLink } from '../../db/links/change.ts';
import { findLink, listLinks } from '../../db/links/find.ts';
import { insertLink } from '../../db/links/insert.ts';
import type { LinkRow } from '../../db/links/rows.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { withInputs } from '../../engine/runs/with-inputs.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { appUrlOf } from '../request/app-url.ts';
import type { ServerDependencies } from './deps.ts';
import { requireUsable } from './links/allowed-inputs.ts';
import { linkNotFound, shownLink } from './links/link-shown.ts';
import { linkParams, workflowParams } from './parameters.ts';
import { barred, notStored } from './triggers/not-stored.ts';

/** More than anybody looks after. */
const maxLinksPerUser = 200;

/** A link that nobody thought about does not last for ever. */
const defaultDays = 30;

/** Make, list, change and end links to the app of a workflow. */
export function linkRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, now, catalogue, limits, addresses, settings, starter } = deps;
  const rules = { catalogue, graphLimits: limits.graph, addresses, nodeTimeoutMs: settings.nodeTimeoutMs };

  /** Refuses a workflow that is not published, and what no run could begin with. */
  async function requireApp(scope: Scope, workflowId: number, link: Pick<LinkRow, 'inputs' | 'fixed'>): Promise<void> {
    const found = await findRunnableGraph(pool, scope, workflowId, 'live');
    if (found === null) throw workflowNotFound(workflowId);
    if (found.published === null || found.data === null) {
      throw new TerminalError(
        'WORKFLOW_NOT_PUBLISHED',
        'Links run the live version of a workflow, and this one has not been published yet. Publish it first.',
      );
    }
    requireUsable(inputsOf(found.data, catalogue), link);
    await starter.requireRoom(scope.workspaceId, Buffer.byteLength(JSON.stringify(link)));
    const part = { mode: 'selected' as const, nodeIds: [] };
    await withInputs(pool, rules, { data: found.data }, { userId: scope.workspaceId, inputs: link.fixed, ...part });
  }

  function requireLater(expiresAt: Date | null): void {
    if (expiresAt === null || expiresAt > now()) return;
    throw new TerminalError('REQUEST_INVALID', 'The link would have expired already. Choose a later time.');
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/links',
      tag: 'Links',
      summary: 'List the links by which people without an account run a workflow',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The oldest first, without their addresses.', schema: appLinkListSchema } },
      handler: async ({ scope, params }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const items = await listLinks(pool, scope, params.id);
        return { status: 200, body: { items: items.map((link) => shownLink(link, now())) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/links',
      tag: 'Links',
      summary: 'Make a link by which people without an account run the live version of a workflow',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: createLinkBodySchema,
      isBodyOptional: true,
      audit: { action: 'link.create', subject: 'link' },
      responses: { 201: { description: 'The link; its address is in this answer only.', schema: createdLinkSchema } },
      handler: async ({ scope, params, body, request }) => {
        const { name = null, maxRuns, inputs, fixed } = body;
        const expiresAt = expiryOf(body.expiresAt, new Date(now().getTime() + defaultDays * 86_400_000));
        requireLater(expiresAt);
        await requireApp(scope, params.id, { inputs, fixed });
        const [id, token] = [newId(), newSecret()];
        const stored = await insertLink(
          db,
          {
            ...{ id, name, expiresAt, maxRuns, inputs, fixed },
            workflowId: params.id,
            userId: scope.workspaceId,
            createdBy: recordedActor(scope),
            tokenHash: hashSecret(token),
          },
          maxLinksPerUser,
        );
        if (typeof stored === 'string') {
          throw notStored(stored, { workflowId: params.id, what: 'links', most: maxLinksPerUser });
        }
        return {
          status: 201,
          body: { ...shownLink(stored, now()), url: `${appUrlOf(request, settings)}/share/${token}` },
          headers: { Location: `/api/links/${id}` },
          audit: { id, ...(name !== null && { name }), details: { workflowId: params.id } },
        };
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/api/links/:id',
      tag: 'Links',
      summary: 'Change a link: for how long, for how many runs, for which inputs, off or on again',
      auth: 'user',
      scope: 'write',
      place: { of: 'link', role: 'editor' },
      notFound: 'LINK_NOT_FOUND',
      params: linkParams,
      body: changeLinkBodySchema,
      audit: { action: 'link.change', subject: 'link' },
      responses: { 200: { description: 'As it is now.', schema: appLinkSchema } },
      handler: async ({ scope, params, body }) => {
        const link = await findLink(pool, scope, params.id);
        if (link === null) throw linkNotFound(params.id);
        const { inputs = link.inputs, fixed = link.fixed } = body;
        const expiresAt = body.expiresAt === undefined ? undefined : expiryOf(body.expiresAt, null);
        if (expiresAt !== undefined) requireLater(expiresAt);
        if (body.inputs !== undefined || body.fixed !== undefined) {
          await requireApp(scope, link.workflowId, { inputs, fixed });
        }
        const changed = await changeLink(pool, scope, params.id, { ...body, expiresAt });
        if (changed === null) throw barred();
        return {
          status: 200,
          body: shownLink(changed, now()),
          audit: { ...(changed.name !== null && { name: changed.name }), details: { enabled: changed.enabled } },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/links/:id',
      tag: 'Links',
      summary: 'End a link for good; its runs stay',
      auth: 'user',
      scope: 'write',
      place: { of: 'link', role: 'editor' },
      notFound: 'LINK_NOT_FOUND',
      params: linkParams,
      audit: { action: 'link.delete', subject: 'link' },
      responses: { 204: { description: 'It no longer works for anyone who has it.' } },
      handler: async ({ scope, params }) => {
        const deleted = await deleteLink(pool, scope, params.id);
        if (deleted === undefined) throw linkNotFound(params.id);
        return { status: 204, audit: deleted.name === null ? {} : { name: deleted.name } };
      },
    }),
  ];
}

function expiryOf(given: string | null | undefined, otherwise: Date | null): Date | null {
  if (given === undefined) return otherwise;
  return given === null ? null : new Date(given);
}
