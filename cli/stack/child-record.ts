import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess, isProcessAlive, readStartTime } from '../../embedded/process-info.ts';

/** The processes of a stack by role, kept in DATA_DIR so that the next start can end those of a killed one. */
export interface ChildRecord {
  note(role: string, pid: number): Promise<void>;
  clear(): void;
}

const recordSchema = z.record(z.string(), z.object({ pid: z.number().int().positive(), startTime: z.string() }));
type Recorded = z.infer<typeof recordSchema>;

/** They end by themselves when their parent is gone; what lasts longer is ended, its work is rescued. */
const orphanGraceMs = 3_000;

/** Kept in `children.json`; what an earlier stack noted there is overwritten by the first note. */
export function openChildRecord(dataDir: string): ChildRecord {
  const file = join(dataDir, 'children.json');
  let recorded: Recorded = {};
  return {
    async note(role, pid) {
      const startTime = await readStartTime(pid);
      // Read after the wait: the other role may have been noted meanwhile.
      recorded = { ...recorded, [role]: { pid, startTime } };
      writeFileSync(file, JSON.stringify(recorded));
    },
    clear: () => rmSync(file, { force: true }),
  };
}

/** Ends the processes that a killed stack left behind. Pids that now belong to others are left alone. */
export async function endOrphanedChildren(dataDir: string): Promise<void> {
  const orphans = Object.values(readRecord(join(dataDir, 'children.json')));
  await Promise.all(
    orphans.map(async ({ pid, startTime }) => {
      if (!(await isProcessAlive(pid)) || (await readStartTime(pid)) !== startTime) return;
      await endProcess(pid, 'SIGTERM', orphanGraceMs);
    }),
  );
}

function readRecord(file: string): Recorded {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
