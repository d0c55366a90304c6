import type { InWorkspace } from '../../core/scope.ts';
import type { Principal } from '../auth/principal.ts';
import type { AnyRoute, Exchange, RouteResult } from './route.ts';
import type { AuditLog } from '../audit/audit-log.ts';

/** Writes the line that a route promises for a request that succeeded. */
export async function noteInAuditLog(
  audit: AuditLog,
  route: AnyRoute,
  asked: { principal: Principal | null; scope: InWorkspace | null; params: unknown; query: unknown } & Exchange,
  result: RouteResult,
): Promise<void> {
  if (route.audit === undefined || route.audit.isWorthIt?.(asked.query, asked) === false) return;
  const note = result === 'sent' ? {} : (result.audit ?? {});
  const id = note.id ?? idOf(asked.params);
  const { principal, scope } = asked;
  // What somebody does in their own workspace is of no team.
  const isShared = scope !== null && scope.workspaceId !== principal?.userId;
  await audit.record({
    action: route.audit.action,
    isFurther: route.audit.isFurther?.(asked) ?? false,
    actor: principal,
    workspaceId: note.workspaceId ?? (isShared ? scope.workspaceId : null),
    subject: { type: route.audit.subject, id, name: note.name ?? null },
    request: asked.request,
    ...(note.details === undefined ? {} : { details: note.details }),
  });
}

function idOf(params: unknown): string | null {
  const id: unknown = typeof params === 'object' && params !== null && 'id' in params ? params.id : null;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}
