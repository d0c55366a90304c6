import { AsyncLocalStorage } from 'node:async_hooks';

/** Somebody whose work asks for connections: a user, or the network of whoever is not signed in. */
export interface Asker {
  readonly owner: string;
  /** Connections that this piece of work has at the moment. */
  held: number;
}

const asking = new AsyncLocalStorage<Asker | undefined>();

/** Does one piece of work, such as a request, in somebody's name: its connections come in the turns of the owner. */
export function actingFor<Result>(owner: string, work: () => Result): Result {
  return asking.run({ owner, held: 0 }, work);
}

/** Does what a request only sets off and what many wait for: in nobody's name, and so without waiting for turns. */
export function forEverybody<Result>(work: () => Result): Result {
  return asking.run(undefined, work);
}

/** Whose work this is; undefined for the installation's own. */
export function whoAsks(): Asker | undefined {
  return asking.getStore();
}
