import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { expireSessions } from './expire-sessions.ts';

describe('the sessions of workers', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  test('go on while they renew their lease', async () => {
    await createRunPlayer(engine.pool);
    const context = sweepContextOf(engine);
    expect(await doDuty(expireSessions, context)).toEqual([]);
    expect(context.lines).toEqual([]);
    const { rows } = await engine.pool.query('select from workers where expired_at is null');
    expect(rows).toHaveLength(1);
  });

  test('expire when their lease is over, and what they had is looked for at once', async () => {
    const { workerId } = await createRunPlayer(engine.pool);
    await engine.pool.query(`update workers set heartbeat_at = now() - interval '1 minute'`);
    const context = sweepContextOf(engine);
    expect(await doDuty(expireSessions, context)).toEqual(['rescue-attempts', 'end-late-attempts']);
    expect(context.lines).toMatchObject([{ level: 'warn', fields: { workerId } }]);
    const { rows } = await engine.pool.query('select id from workers where expired_at is not null');
    expect(rows).toEqual([{ id: workerId }]);
    expect(await doDuty(expireSessions, context)).toEqual([]);
  });
});
