import { afterEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';
import { createAttemptRegistry } from './attempts.ts';

let engine: TestEngine | undefined;
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
});

test('an attempt is executed once where another question about lost claims hears of it, too', async () => {
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  const nodes = scriptedExecutor({
    hold: async () => {
      await released;
      return { output: 'done' };
    },
  });
  /** The beginning is committed and not answered; what it came to is answered when the others have long gone on. */
  const lossy = (pool: pg.Pool): pg.Pool => {
    let begins = 0;
    const query = async (config: pg.QueryConfig) => {
      if (config.name === 'begin-runs') begins += 1;
      const isRepeat = config.name === 'begin-runs' && begins > 1;
      // By then the sweeper has given to the queue what the beginning did not keep.
      if (isRepeat) await eventually(() => nodes.calls('hold') === 1);
      const answer = await pool.query(config);
      if (config.name === 'begin-runs' && !isRepeat) throw new Error('Connection terminated unexpectedly');
      if (config.name === 'find-begun') {
        release();
        await eventually(async () => {
          const { rows } = await pool.query(`select from node_executions where status = 'COMPLETED'`);
          return rows.length === 1;
        });
      }
      return answer;
    };
    return new Proxy(pool, { get: (of, name) => (name === 'query' ? query : Reflect.get(of, name)) });
  };
  engine = await createTestEngine('postgres', {
    definitions: [scriptedNode],
    executors: [nodes.executor],
    poolOf: lossy,
  });
  await engine.startWorker();
  // One more than a beginning keeps for the worker that sends it.
  const ids = Array.from({ length: 17 }, (_, index) => `n${index}`);
  const runId = await engine.start({ nodes: ids.map((id) => scripted(id, 'hold')), edges: [] });
  expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
  expect(nodes.calls('hold')).toBe(17);
  expect(Object.values(await engine.nodes(runId)).map(({ attempt }) => attempt)).toEqual(ids.map(() => 1));
});

test('an attempt is in hand once, also after it has ended; the next one of its node is another', () => {
  const attempts = createAttemptRegistry();
  const first = { id: 'a', runId: 'r', nodeId: 'n', attempt: 1, startedAt: 0 };
  expect(attempts.add(first)).toBeInstanceOf(AbortController);
  expect(attempts.add(first)).toBeNull();
  attempts.remove('a', 1);
  expect(attempts.add(first)).toBeNull();
  expect(attempts.list()).toEqual([]);
  expect(attempts.add({ ...first, attempt: 2 })).toBeInstanceOf(AbortController);
});
