import { write } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { WatchedLoop } from './loop-watchdog.ts';

/*
 * The thread beside a worker's loop. It counts its own looks instead of reading a clock: in a process that was frozen
 * as a whole, or on a machine that slept, both sides stood still and nothing is wrong.
 */
const { turns, lookEveryMs, maxSilentLooks, lastWords } = workerData as WatchedLoop;

let seen = Atomics.load(turns, 0);
let silentLooks = 0;

setInterval(() => {
  const now = Atomics.load(turns, 0);
  silentLooks = now === seen ? silentLooks + 1 : 0;
  seen = now;
  if (silentLooks < maxSilentLooks) return;
  const end = () => process.kill(process.pid, 'SIGKILL');
  // Past the streams of Node, which need the loop that is blocked. A pipe that nobody reads does not keep us.
  write(2, lastWords, end);
  setTimeout(end, lookEveryMs);
}, lookEveryMs);
