import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listInvariantChecks } from '../../../db/invariants/list-checks.ts';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { checkInvariants } from './check-invariants.ts';

describe('the check of the invariants', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  const broken = { name: 'runs_unlike_their_nodes', violations: 1 };

  test('is told and kept, once in its time for all processes', async () => {
    const player = await createRunPlayer(engine.pool);
    await player.finish(await engine.start(chainOf(2)));
    const whole = sweepContextOf(engine, { times: { checkMs: 60_000 } });
    await doDuty(checkInvariants, whole);
    expect(whole.lines).toEqual([]);
    const kept = await listInvariantChecks(engine.pool);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.every(({ violations }) => violations === 0)).toBe(true);

    await engine.pool.query('alter table workflow_runs disable trigger user');
    await engine.pool.query(`update workflow_runs set status = 'FAILED', unfinished_nodes = 1`);
    // Somebody has just checked.
    await doDuty(checkInvariants, sweepContextOf(engine, { times: { checkMs: 60_000 } }));
    expect(await listInvariantChecks(engine.pool)).not.toContainEqual(broken);

    await engine.pool.query(`update invariant_checks set checked_at = now() - interval '2 minutes'`);
    const context = sweepContextOf(engine, { times: { checkMs: 60_000 } });
    await doDuty(checkInvariants, context);
    expect(context.lines).toMatchObject([{ level: 'error', fields: { broken: { runs_unlike_their_nodes: 1 } } }]);
    expect(await listInvariantChecks(engine.pool)).toContainEqual(broken);
  });
});
