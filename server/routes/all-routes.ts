import type { ServerDependencies } from './deps.ts';
import { openApiDocumentSchema } from '../../core/api/config.ts';
import { openApiDocument, type OpenApiDocument } from '../http/openapi.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { adminRoutes } from './admin.ts';
import { answerRoutes } from './answers.ts';
import { archiveRoutes } from './archives.ts';
import { batchRoutes } from './batches.ts';
import { byNameRoutes } from './by-name.ts';
import { assetRoutes } from './assets.ts';
import { auditRoutes } from './audit.ts';
import { callbackRoutes } from './callbacks.ts';
import { callRoutes } from './calls.ts';
import { packRoutes } from './pack.ts';
import { configRoutes } from './config.ts';
import { hookRoutes } from './hooks.ts';
import { keyRoutes } from './keys.ts';
import { linkRoutes } from './links.ts';
import { llmRoutes } from './llm.ts';
import { mcpRoutes } from './mcp/mcp.ts';
import { memberRoutes } from './members.ts';
import { nodeTypeRoutes } from './node-types.ts';
import { providerKeyRoutes } from './provider-keys.ts';
import { listRoutes } from './lists.ts';
import { runRoutes } from './runs.ts';
import { budgetRoutes } from './budgets.ts';
import { secretRoutes } from './secrets.ts';
import { sharedAppRoutes } from './shared-apps.ts';
import { startRunsRoutes } from './start-runs.ts';
import { usageRoutes } from './usage.ts';
import { sessionRoutes } from './session.ts';
import { starRoutes } from './stars.ts';
import { versionRoutes } from './versions.ts';
import { triggerRoutes } from './triggers.ts';
import { waitRoutes } from './waits.ts';
import { workflowRoutes } from './workflows.ts';
import { moveWorkflowRoutes } from './workspaces/move-workflow.ts';
import { serviceAccountRoutes } from './workspaces/service-accounts.ts';
import { workspaceMemberRoutes } from './workspaces/workspace-members.ts';
import { knownWorkspaceRoutes } from './workspaces/known-workspaces.ts';
import { workspaceLinkRoutes } from './workspaces/workspace-links.ts';
import { workspaceRoutes } from './workspaces/workspaces.ts';

/** Every API route of the server, the description of all of them included. */
export function allRoutes(deps: ServerDependencies, authRoutes: readonly AnyRoute[]): readonly AnyRoute[] {
  const routes: AnyRoute[] = [
    ...archiveRoutes(deps),
    ...workflowRoutes(deps),
    ...starRoutes(deps),
    ...versionRoutes(deps),
    ...callRoutes(deps),
    ...packRoutes(deps),
    ...byNameRoutes(deps, () => document().components?.schemas ?? {}),
    ...mcpRoutes(deps),
    ...runRoutes(deps),
    ...listRoutes(deps),
    ...startRunsRoutes(deps),
    ...batchRoutes(deps),
    ...triggerRoutes(deps),
    ...hookRoutes(deps),
    ...waitRoutes(deps),
    ...callbackRoutes(deps),
    ...linkRoutes(deps),
    ...sharedAppRoutes(deps),
    ...answerRoutes(deps),
    ...assetRoutes(deps),
    ...nodeTypeRoutes(deps),
    ...llmRoutes(deps),
    ...keyRoutes(deps),
    ...providerKeyRoutes(deps),
    ...secretRoutes(deps),
    ...budgetRoutes(deps),
    ...sessionRoutes(),
    ...authRoutes,
    ...memberRoutes(deps),
    ...moveWorkflowRoutes(deps),
    ...workspaceRoutes(deps),
    ...workspaceLinkRoutes(deps),
    ...knownWorkspaceRoutes(deps),
    ...workspaceMemberRoutes(deps),
    ...serviceAccountRoutes(deps),
    ...configRoutes(deps),
    ...adminRoutes(deps),
    ...usageRoutes(deps),
    ...auditRoutes(deps),
  ];
  const describe = defineRoute({
    method: 'get',
    path: '/api/openapi.json',
    tag: 'Installation',
    summary: 'This description: OpenAPI 3.1',
    auth: 'none',
    scope: 'any',
    place: 'installation',
    responses: { 200: { description: 'The document.', schema: openApiDocumentSchema } },
    handler: async () => ({ status: 200, body: { ...document() } }),
  });
  routes.push(describe);
  let written: OpenApiDocument | undefined;
  // When it is asked for first: to write it takes a good part of the time that a server needs to start.
  const document = () => (written ??= openApiDocument(routes, deps.settings.version, deps.settings.basePath));
  return routes;
}
