import { expect, test } from '@jest/globals';
import type { AuditEntry } from './audit.ts';
import { auditFileHead, auditFileLine } from './audit-file.ts';

const entry: AuditEntry = {
  id: '0195d3a4-0000-7000-8000-000000000001',
  at: '2026-12-01T10:00:00.000Z',
  lastAt: '2026-12-01T10:30:00.000Z',
  count: 2,
  action: 'workflow.delete',
  refused: false,
  actor: { id: 'user_1', email: 'ada@example.com' },
  via: 'session',
  subject: { type: 'workflow', id: '7', name: 'Cats, "dogs"' },
  address: null,
  requestId: 'r1',
  workspaceId: 'w1',
  details: { role: 'viewer' },
};

test('JSON lines are entries as the list has them', () => {
  expect(auditFileHead('jsonl')).toBe('');
  const line = auditFileLine('jsonl', entry);
  expect(line.endsWith('\n')).toBe(true);
  expect(JSON.parse(line)).toEqual(entry);
});

test('a table has one cell for each name in its head, quoted where it has to be', () => {
  expect(auditFileHead('csv')).toBe(
    'at,lastAt,count,action,refused,actorId,actorEmail,via,subjectType,subjectId,subjectName,address,requestId,workspaceId,details,id\r\n',
  );
  expect(auditFileLine('csv', entry)).toBe(
    '2026-12-01T10:00:00.000Z,2026-12-01T10:30:00.000Z,2,workflow.delete,false,user_1,ada@example.com,session,' +
      'workflow,7,"Cats, ""dogs""",,r1,w1,"{""role"":""viewer""}",0195d3a4-0000-7000-8000-000000000001\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('a spreadsheet does not calculate with %j', (name) => {
  const line = auditFileLine('csv', { ...entry, subject: { type: 'workflow', id: '7', name } });
  expect(line).toContain(`,7,'${name},`);
});
