import { expect, test } from '@jest/globals';
import { auditActions } from '../../core/api/audit.ts';
import { auditCount, auditDetails, auditTitle, auditWay } from './audit-words.ts';

test('every action has words of its own, and one of a newer server shows its name', () => {
  expect(new Set(auditActions.map(auditTitle)).size).toBe(auditActions.length);
  expect(auditTitle('galaxy.open')).toBe('galaxy.open');
});

test('details read as a list', () => {
  expect(
    auditDetails({ role: 'viewer', roleBefore: 'member', expiresAt: null, scopes: ['read', 'run'], count: 2 }),
  ).toBe('role: viewer, role before: member, scopes: read + run, count: 2');
});

test('the number of something goes by its name, and how somebody was signed in by words', () => {
  expect(auditDetails({ workflowId: 5 })).toBe('workflow: 5');
  expect(['session', 'api-key', 'star'].map(auditWay)).toEqual(['in the browser', 'with an API key', 'by star']);
});

test('what was done several times says how often', () => {
  expect([1, 2, 300].map(auditCount)).toEqual(['', ', 2 times within the hour', ', 300 times within the hour']);
});
