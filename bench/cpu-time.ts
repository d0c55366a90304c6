import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Processor seconds that a process, its children and those that they have outlived have used. Linux only; else 0. */
export async function processorSeconds(pid: number): Promise<number> {
  const processes = await readProcesses();
  let ticks = 0;
  for (const found of processes) if (found.pid === pid || found.parent === pid) ticks += found.ticks;
  return ticks / ticksPerSecond;
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
