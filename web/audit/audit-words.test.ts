import { expect, test } from '@jest/globals';
import { auditActions } from '../../core/api/audit.ts';
import { auditDetails, auditTitle } from './audit-words.ts';

test('every action has words of its own, and one of a newer server shows its name', () => {
  expect(new Set(auditActions.map(auditTitle)).size).toBe(auditActions.length);
  expect(auditTitle('galaxy.open')).toBe('galaxy.open');
});

test('details read as a list', () => {
  expect(
    auditDetails({ role: 'viewer', roleBefore: 'member', expiresAt: null, scopes: ['read', 'run'], count: 2 }),
  ).toBe('role: viewer, role before: member, scopes: read + run, count: 2');
});
