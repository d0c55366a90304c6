import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { deleteOldSessions } from './delete-old-sessions.ts';

describe('expired sessions of workers', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  test('are shown for their time and go then; those that live stay', async () => {
    await engine.pool.query(
      `insert into workers (id, hostname, pid, version, pools, concurrency, expired_at)
       values (gen_random_uuid(), 'old', 1, 'test', '{io}', 1, now() - interval '61 minutes'),
              (gen_random_uuid(), 'shown', 1, 'test', '{io}', 1, now() - interval '59 minutes'),
              (gen_random_uuid(), 'alive', 1, 'test', '{io}', 1, null)`,
    );
    await doDuty(deleteOldSessions, sweepContextOf(engine, { times: { forgetSessionsMs: 3_600_000 } }));
    const { rows } = await engine.pool.query('select hostname from workers order by hostname');
    expect(rows).toEqual([{ hostname: 'alive' }, { hostname: 'shown' }]);
  });
});
