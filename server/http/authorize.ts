import { TerminalError } from '../../core/errors/app-error.ts';
import type { AnyRoute, RouteScope } from './route.ts';
import type { Principal } from '../auth/principal.ts';

/**
 * Holds who is asking against what a route needs: the role of the user first,
 * then the scopes of the credential. Throws SCOPE_MISSING.
 */
export function authorize(route: Pick<AnyRoute, 'auth' | 'scope' | 'isClosedToViewers'>, principal: Principal): void {
  if (route.auth === 'owner' && principal.role !== 'owner') {
    throw new TerminalError('SCOPE_MISSING', 'Only an owner of this installation may do this. Ask one.');
  }
  if (route.auth === 'owner' && ((principal.within ?? null) !== null || (principal.mostRole ?? null) !== null)) {
    throw new TerminalError(
      'SCOPE_MISSING',
      'This API key is for workspaces, not for the installation. Make one without a workspace or a role.',
    );
  }
  const changesThings = route.scope === 'run' || route.scope === 'write' || route.isClosedToViewers === true;
  if (changesThings && principal.role === 'viewer') {
    throw new TerminalError(
      'SCOPE_MISSING',
      'Your account may look at things but not change them. Ask an owner for another role.',
    );
  }
  requireScope(route.scope, principal);
}

/** Throws SCOPE_MISSING where the credential may not do what `scope` stands for. */
export function requireScope(scope: RouteScope, principal: Principal): void {
  if (scope === 'any') return;
  if (scope === 'account') {
    if (principal.via === 'session') return;
    throw new TerminalError('SCOPE_MISSING', 'An API key may not do this. Sign in and do it yourself.');
  }
  if (principal.scopes.includes(scope)) return;
  throw new TerminalError('SCOPE_MISSING', `This API key lacks the scope "${scope}". Make one that has it.`);
}
