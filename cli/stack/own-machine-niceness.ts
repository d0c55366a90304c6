import { constants, getPriority, setPriority } from 'node:os';
import { isLoopback } from '../../config/loopback.ts';

/*
 * A stack that only programs of its machine reach runs beside the browser of
 * the person who looks at it, often on two cores. The browser has 16 ms to draw
 * what a hand moves; a node may take as long as it needs.
 */

/** The higher, the later a process gets a processor that others want, too: 0 is ordinary, 19 the last. */
const ownMachineNiceness = constants.priority.PRIORITY_BELOW_NORMAL;

/** Of a stack that listens on `host`; what is `given` goes first. */
export const nicenessOn = (host: string, given: number | null): number =>
  given ?? (isLoopback(host) ? ownMachineNiceness : 0);

/** Has this process, and whatever it starts from now on, step back behind the others. */
export function stepBack(niceness: number): void {
  // Whoever started it further back meant it; and only a privileged process may go forward.
  if (niceness > getPriority()) setPriority(niceness);
}
