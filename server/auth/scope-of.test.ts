import { describe, expect, test } from '@jest/globals';
import { workspaceRoles, type WorkspaceRole } from '../../core/scope.ts';
import type { Queryable } from '../../db/statement.ts';
import { homeOf, requireRole, roleIn, scopeOf, type Asking } from './scope-of.ts';

const asking = (memberships: Record<string, WorkspaceRole> = {}, more: Partial<Asking> = {}): Asking => ({
  userId: 'ada',
  role: 'member',
  kind: 'person',
  memberships: new Map(Object.entries(memberships)),
  ...more,
});

/** Whoever asks it anything fails. */
const nobodyAsks: Queryable = { query: () => Promise.reject(new Error('the database was asked')) };
/** Every thing is one of this workspace. */
const allOf = (owner: string): Queryable => ({ query: async () => ({ rows: [{ owner }] as never[] }) });

describe('the role in a workspace', () => {
  test('is admin in one’s own, what the membership says in a shared one, and none anywhere else', () => {
    const ada = asking({ team: 'runner' });
    expect([roleIn(ada, 'ada'), roleIn(ada, 'team'), roleIn(ada, 'other')]).toEqual(['admin', 'runner', null]);
  });

  test('is that of a viewer at most, wherever it is, for a viewer of the installation', () => {
    const viewer = asking({ team: 'admin' }, { role: 'viewer' });
    expect([roleIn(viewer, 'ada'), roleIn(viewer, 'team')]).toEqual(['viewer', 'viewer']);
  });

  test('is none in the workspaces of others, for an owner of the installation too', () => {
    expect(roleIn(asking({}, { role: 'owner' }), 'bob')).toBeNull();
  });

  test('of a program is that in its workspace, where it is at home, and it has none of its own', () => {
    const program = asking({ team: 'editor' }, { kind: 'service' });
    expect([homeOf(program), roleIn(program, 'team'), roleIn(program, 'ada')]).toEqual(['team', 'editor', null]);
    expect(roleIn(asking({}, { kind: 'service' }), 'ada')).toBeNull();
  });
});

describe('the scope of a request', () => {
  test('of whoever shares nothing is their own, and takes no statement', async () => {
    const own = { workspaceId: 'ada', actorId: 'ada', role: 'admin' };
    expect(await scopeOf(nobodyAsks, asking(), { of: 'run', id: 'r' })).toEqual(own);
    expect(await scopeOf(nobodyAsks, asking(), { of: 'workspace', id: null })).toEqual(own);
    expect(await scopeOf(nobodyAsks, asking(), { of: 'workspace', id: 'ada' })).toEqual(own);
  });

  test('is the workspace of the thing for a member of it, and one’s own for everybody else', async () => {
    const ada = asking({ team: 'runner' });
    const scope = await scopeOf(allOf('team'), ada, { of: 'run', id: 'r' });
    expect(scope).toEqual({ workspaceId: 'team', actorId: 'ada', role: 'runner' });
    expect(await scopeOf(allOf('others'), ada, { of: 'run', id: 'r' })).toMatchObject({ workspaceId: 'ada' });
    expect(await scopeOf(allOf('ada'), ada, { of: 'run', id: 'r' })).toMatchObject({ workspaceId: 'ada' });
  });

  test('is that of a workspace that is named, for its members alone', async () => {
    const ada = asking({ team: 'viewer' });
    expect(await scopeOf(nobodyAsks, ada, { of: 'workspace', id: 'team' })).toMatchObject({ workspaceId: 'team' });
    const others = scopeOf(nobodyAsks, ada, { of: 'workspace', id: 'others' });
    await expect(others).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  });
});

test('each role may do what those before it may, and nothing of those behind it', () => {
  for (const [at, role] of workspaceRoles.entries()) {
    for (const [needs, needed] of workspaceRoles.entries()) {
      const ask = () => requireRole({ role }, needed);
      if (at >= needs) expect(ask).not.toThrow();
      else expect(ask).toThrow(expect.objectContaining({ code: 'ROLE_MISSING' }));
    }
  }
});
