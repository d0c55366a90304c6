import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Processor seconds that a process, its children and those that they have outlived have used. Linux only; else 0. */
export async function processorSeconds(pid: number): Promise<number> {
  const processes = await readProcesses();
  return secondsOf(processes.filter((found) => found.pid === pid || found.parent === pid));
}

/** The same with the children of children, and so on: a whole program. */
export async function processorSecondsOfTree(pid: number): Promise<number> {
  const processes = await readProcesses();
  const under = (parent: number): ProcessTimes[] =>
    processes.filter((found) => found.parent === parent).flatMap((found) => [found, ...under(found.pid)]);
  return secondsOf([...processes.filter((found) => found.pid === pid), ...under(pid)]);
}

/** The children of a process at this moment. Linux only; else none. */
export async function childrenOf(pid: number): Promise<number[]> {
  return (await readProcesses()).filter(({ parent }) => parent === pid).map((found) => found.pid);
}

function secondsOf(processes: readonly ProcessTimes[]): number {
  return processes.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

async function readProcesses(): Promise<ProcessTimes[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The command is the second field, in parentheses that it may contain itself. Fields count from there.
      const [, parent, , , , , , , , , , user, system, childUser, childSystem] = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      if (parent === undefined) return [];
      return [{ pid, parent, ticks: user! + system! + childUser! + childSystem! }];
    }),
  );
  return found.flat();
}
