import type { FakeModelServer } from '../testing/fake-model-server.ts';

/**
 * Makes the next answer of a model wait until it is released, so that what lies between the start and the end of a run
 * is seen however slow the page is.
 *
 * @param chunks the pieces of the answer; by default one that is made of the request
 * @param sent how many of them come before the wait; default 0
 */
export function holdAnswer(model: FakeModelServer, chunks?: readonly string[], sent = 0): { release(): void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const beforeChunk = (index: number) => (index === sent ? held : undefined);
  model.script({ kind: 'answer', ...(chunks && { chunks }), beforeChunk });
  return { release };
}
