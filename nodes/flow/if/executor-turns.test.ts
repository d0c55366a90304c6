import { expect, test } from '@jest/globals';
import type { ExecutionContext, NodeExecutor } from '../../../core/node-type/executor.ts';
import { switchExecutor } from '../switch/executor.ts';
import { ifExecutor } from './executor.ts';

const slow = { operator: 'is', operand: '', expression: 'value.all(a, value.all(b, value.all(c, a + b + c >= 0.0)))' };
const quick = { operator: 'is', operand: 'a', expression: '' };
const list = Array.from({ length: 1_000 }, (_, index) => index);
const execute = (executor: NodeExecutor, config: object, value: unknown, signal = new AbortController().signal) =>
  executor.execute({ config, inputs: { value }, signal } as unknown as ExecutionContext<unknown>);

test('however many conditions are slow at once, the process goes on between any two of them', async () => {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setTimeout(count, 0);
  };
  setTimeout(count, 0);
  const ends: number[] = [];
  const nodes = [
    ...Array.from({ length: 3 }, () => execute(ifExecutor, slow, list)),
    execute(switchExecutor, { cases: [{ id: 'one', ...slow }] }, list),
  ];
  const codes = nodes.map(async (node) => {
    const error = await node.catch((thrown: unknown) => thrown);
    ends.push(turns);
    return (error as { code: string }).code;
  });
  expect(await Promise.all(codes)).toEqual(nodes.map(() => 'CONDITION_TOO_SLOW'));
  isOver = true;
  expect(ends).toEqual([...new Set(ends)]);
  expect(ends[0]).toBeGreaterThan(0);
});

test('a node behind slow ones, and behind one that was aborted, has its answer', async () => {
  const abort = new AbortController();
  const [before, aborted, behind] = [
    execute(ifExecutor, slow, list),
    execute(ifExecutor, quick, 'a', abort.signal),
    execute(ifExecutor, quick, 'a'),
  ];
  abort.abort(new Error('The run was canceled.'));
  await expect(aborted).rejects.toThrow('The run was canceled.');
  expect(await behind).toEqual({ true: 'a' });
  await expect(before).rejects.toMatchObject({ code: 'CONDITION_TOO_SLOW' });
});
