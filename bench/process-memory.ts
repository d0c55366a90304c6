import { readFile, readdir } from 'node:fs/promises';

/*
 * Resident memory of this process and of all that it started, however deep. Linux only: it reads /proc.
 */

/** Between two looks, in ms: short against one piece of work. */
const sampleMs = 50;

export interface MemoryWatch {
  /** The most that was seen at one moment since the last call, in MB. */
  takePeak(): number;
  stop(): void;
}

/** Looks at the memory until it is stopped. `others`: processes that are not counted, with what they started. */
export function watchMemory(others: ReadonlySet<number> = new Set()): MemoryWatch {
  let peak = 0;
  const look = async () => {
    const sizes = await Promise.all((await familyOf(process.pid, others)).map(residentMb));
    peak = Math.max(
      peak,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  };
  const timer = setInterval(() => void look(), sampleMs);
  return {
    takePeak() {
      const seen = peak;
      peak = 0;
      return seen;
    },
    stop: () => clearInterval(timer),
  };
}

/** The process and its children's children; one that has just ended has none. */
async function familyOf(pid: number, others: ReadonlySet<number>): Promise<number[]> {
  if (others.has(pid)) return [];
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').map(Number).filter(Boolean));
  return [pid, ...(await Promise.all(children.map((child) => familyOf(child, others)))).flat()];
}

/** Zero for a process that has just ended. */
const residentMb = async (pid: number) => (await statusMb(pid, 'VmRSS')) ?? 0;

/** The most that a process ever held by itself, in MB. Throws where it has ended. */
export async function mostResidentMb(pid: number): Promise<number> {
  const most = await statusMb(pid, 'VmHWM');
  if (most === null) throw new Error(`There is no process ${pid} whose memory could be read.`);
  return most;
}

async function statusMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  return found === null ? null : Number(found[1]) / 1_024;
}
