import { runCode, type CodeBegun, type CodeOrder } from './executor-sandbox.ts';

/*
 * The process that code runs in: one order at a time, each in a fresh machine. It has no environment and no secret, and ends
 * with the worker that started it.
 */

process.on('message', (order: CodeOrder) => {
  runCode(order, () => process.send?.({ kind: 'begun' } satisfies CodeBegun)).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      // What the machine itself trips over says nothing of the next order: let another process begin anew.
      process.stderr.write(String(error));
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
