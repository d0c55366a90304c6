import {
  keptDraftsSchema,
  liveBodySchema,
  publishBodySchema,
  publishedVersionDetailSchema,
  publishedVersionPageSchema,
  publishResultSchema,
  restoreBodySchema,
  slugBodySchema,
  slugSchema,
} from '../../core/api/versions.ts';
import { pageQuerySchema } from '../../core/api/common.ts';
import { workflowSchema } from '../../core/api/workflows.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { findPublishedVersion, listKeptDrafts, listPublishedVersions } from '../../db/workflows/list-published.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { decodeCursor, pageBody, versionCursor } from '../http/cursor.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { createVersions } from '../graphs/versions.ts';
import type { ServerDependencies } from './deps.ts';
import { versionParams, workflowParams } from './parameters.ts';

/** Publish a workflow, list and read its versions, move what is live, and bring a version back as the draft. */
export function versionRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, notices } = deps;
  const versions = createVersions(deps);

  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/publish',
      tag: 'Versions',
      summary: 'Make a version of the draft, which is live from then on',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: publishBodySchema,
      isBodyOptional: true,
      audit: { action: 'workflow.publish', subject: 'workflow' },
      responses: {
        201: { description: 'The version, with the name of the workflow in addresses.', schema: publishResultSchema },
      },
      handler: async ({ scope, params, body }) => {
        const { published, name } = await versions.publish(scope, params.id, body);
        return { status: 201, body: published, audit: { name, details: { version: published.version } } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/versions',
      tag: 'Versions',
      summary: 'The published versions of a workflow, newest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: pageQuerySchema,
      responses: { 200: { description: 'One page.', schema: publishedVersionPageSchema } },
      handler: async ({ scope, params, query }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const kind = versionCursor(params.id);
        const after = decodeCursor(kind, query.cursor);
        const page = await listPublishedVersions(db, { scope, workflowId: params.id, limit: query.limit, after });
        return { status: 200, body: pageBody(kind, page) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/versions/:version',
      tag: 'Versions',
      summary: 'A published version with its graph',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_VERSION_NOT_FOUND',
      params: versionParams,
      responses: { 200: { description: 'The version.', schema: publishedVersionDetailSchema } },
      handler: async ({ scope, params: { id, version } }) => {
        const found = await findPublishedVersion(db, scope, id, version);
        if (found === null) throw publishedVersionNotFound(id, version);
        const { versionId: _internal, ...body } = found;
        return { status: 200, body };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/drafts',
      tag: 'Versions',
      summary: 'Drafts of a workflow that a restored version took the place of, newest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The newest ones.', schema: keptDraftsSchema } },
      handler: async ({ scope, params }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        return { status: 200, body: { items: await listKeptDrafts(db, scope, params.id) } };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/workflows/:id/live',
      tag: 'Versions',
      summary: 'Make a published version the live one',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: liveBodySchema,
      audit: { action: 'workflow.live', subject: 'workflow' },
      responses: { 200: { description: 'What is live now.', schema: liveBodySchema } },
      handler: async ({ scope, params: { id }, body: { version } }) => {
        const name = await versions.setLive(scope, id, version);
        return { status: 200, body: { version }, audit: { name, details: { version } } };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/workflows/:id/slug',
      tag: 'Versions',
      summary: 'Change the name of a workflow in addresses; the one before leads nowhere then',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: slugBodySchema,
      audit: { action: 'workflow.slug', subject: 'workflow' },
      responses: { 200: { description: 'As it is now.', schema: slugBodySchema } },
      handler: async ({ scope, params, body: { slug } }) => {
        const name = await versions.rename(scope, params.id, slugSchema.parse(slug));
        return { status: 200, body: { slug }, audit: { name, details: { slug } } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/restore',
      tag: 'Versions',
      summary: 'Make a version the draft again; the draft that it replaces is kept',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: restoreBodySchema,
      audit: { action: 'workflow.restore', subject: 'workflow' },
      responses: { 200: { description: 'The workflow with its new draft.', schema: workflowSchema } },
      handler: async ({ scope, params, body }) => {
        const workflow = await versions.restore(scope, params.id, body);
        void notices.publish([{ kind: 'workflow', workflowId: params.id, version: workflow.version }]);
        const details = body.version === undefined ? { draft: body.draftId } : { version: body.version };
        return { status: 200, body: { ...workflow, role: scope.role }, audit: { name: workflow.name, details } };
      },
    }),
  ];
}
