import { describe, expect, test } from '@jest/globals';
import { externalIdOf, groupsOf, roleOf, workspaceRolesOf } from './person.ts';

describe('groups are', () => {
  test.each([
    ['a list', { groups: ['a', 'b'] }, ['a', 'b']],
    ['one text', { groups: 'a' }, ['a']],
    ['missing', {}, []],
    ['a list with what is no text', { groups: ['a', 7, null] }, ['a']],
    ['a pointer to where they are', { groups: { href: 'x' } }, []],
  ])('%s', (_form, claims, groups) => {
    expect(groupsOf(claims, 'groups')).toEqual(groups);
  });
});

describe('the role', () => {
  const roles = { owner: ['admins'], member: ['staff'], viewer: ['guests'] };
  test.each([
    ['is the highest of the groups', roles, null, ['guests', 'admins', 'staff'], 'owner'],
    ['is refused without a group', roles, null, ['others'], 'refused'],
    ['is the default without a group', roles, 'viewer', [], 'viewer'],
    ['is given here where none are mapped', null, null, ['admins'], 'own'],
  ] as const)('%s', (_how, mapped, defaultRole, groups, role) => {
    const settings =
      mapped === null ? null : { owner: [...mapped.owner], member: [...mapped.member], viewer: [...mapped.viewer] };
    expect(roleOf({ roles: settings, defaultRole }, groups)).toBe(role);
  });
});

test('groups give the highest role of each workspace that they are named for', () => {
  const none = { admin: [], editor: [], runner: [], viewer: [] };
  const workspaces = {
    w1: { ...none, admin: ['leads'], editor: ['designers'], viewer: ['everybody'] },
    w2: { ...none, runner: ['everybody'] },
    w3: { ...none, admin: ['others'] },
  };
  expect([...workspaceRolesOf({ workspaces }, ['everybody', 'designers'])]).toEqual([
    ['w1', 'editor'],
    ['w2', 'runner'],
  ]);
  expect([...workspaceRolesOf({ workspaces: {} }, ['leads'])]).toEqual([]);
});

test('a person is issuer and subject together, and no pair of texts makes another', () => {
  const ids = [
    externalIdOf('https://a', 'b'),
    externalIdOf('https://ab', ''),
    externalIdOf('https://a', 'c'),
    externalIdOf('https://b', 'b'),
  ];
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^oidc:[0-9a-f]{64}$/);
});
