import { AsyncLocalStorage } from 'node:async_hooks';

/** Somebody whose work asks for connections: a user, or the network of whoever is not signed in. */
export interface Asker {
  readonly owner: string;
  /** Connections that this piece of work has at the moment. */
  held: number;
  /** Aborts when nobody waits for the work any more. */
  readonly signal: AbortSignal | undefined;
  /** Whether it has had a connection: what has begun goes on to its end, whoever waits for it. */
  hasBegun: boolean;
}

const asking = new AsyncLocalStorage<Asker | undefined>();

/**
 * Does one piece of work, such as a request, in somebody's name: its connections come in the turns of the owner. Where `signal`
 * aborts before it has had one it gives up its place in line, and what waited for a connection rejects with the reason.
 */
export function actingFor<Result>(owner: string, work: () => Result, signal?: AbortSignal): Result {
  return asking.run({ owner, held: 0, signal, hasBegun: false }, work);
}

/** Does what a request only sets off and what many wait for: in nobody's name, and so without waiting for turns. */
export function forEverybody<Result>(work: () => Result): Result {
  return asking.run(undefined, work);
}

/** Whose work this is; undefined for the installation's own. */
export function whoAsks(): Asker | undefined {
  return asking.getStore();
}
