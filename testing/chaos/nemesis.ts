import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Random } from './random.ts';
import type { ChaosStack, SupervisedProcess } from './stack.ts';

/** Something bad that was done. */
export interface Fault {
  readonly name: string;
  readonly target: string;
  readonly from: Date;
  /** When what it broke was there again. */
  to: Date | null;
  /** Its process, where one was ended or frozen. */
  readonly pid: number | null;
}

export interface Nemesis {
  readonly faults: readonly Fault[];
  /** Does one thing every `everyMs` for `forMs`; resolves when all of it is over and mended. */
  haunt(forMs: number, everyMs: number): Promise<void>;
}

/** `deaths`: workers are killed, and nothing else happens. */
export type FaultKinds = 'all' | 'deaths';

export interface NemesisOptions {
  readonly stack: ChaosStack;
  readonly random: Random;
  /** How long Redis and Postgres are away once each, in milliseconds. */
  readonly absenceMs: number;
  readonly kinds: FaultKinds;
  readonly tell: (line: string) => void;
}

interface Deed {
  readonly name: string;
  readonly weight: number;
  /** What it needs for itself while it lasts. */
  readonly target: string;
  readonly pid?: () => number | null;
  readonly act: () => Promise<void>;
}

/** Beyond the lease of ten seconds, so that a frozen worker wakes up as one that lost everything. */
const frozenMs = { least: 5_000, most: 20_000 };
/** How long a service that was killed stays away. */
const downMs = { least: 0, most: 2_000 };
/** In each direction. */
const slowNetworkMs = 100;
const hourMs = 3_600_000;

export function createNemesis({ stack, random, absenceMs, kinds, tell }: NemesisOptions): Nemesis {
  const faults: Fault[] = [];
  const bornAt = Date.now();
  const busy = new Set<string>();
  const { postgres, redis } = stack;
  const draw = (range: { least: number; most: number }) => random.between(range.least, range.most);

  const frozen = async (supervised: SupervisedProcess) => {
    const pid = supervised.pid();
    if (pid === null) return;
    signal(pid, 'SIGSTOP');
    await sleep(draw(frozenMs));
    signal(pid, 'SIGCONT');
  };
  const slow = async (service: NonNullable<typeof redis> | typeof postgres) => {
    service.proxy.setDelay(slowNetworkMs);
    await sleep(10_000);
    service.proxy.setDelay(0);
  };

  const deeds: Deed[] = [
    ...stack.workers.flatMap((worker): Deed[] => [
      { name: 'kill -9', weight: 3, target: worker.name, pid: worker.pid, act: () => worker.kill(draw(downMs)) },
      { name: 'freeze', weight: 2, target: worker.name, pid: worker.pid, act: () => frozen(worker) },
      { name: 'drain', weight: 1, target: worker.name, act: () => worker.drain() },
      {
        name: 'kill -9 and a wrong clock',
        weight: 1,
        target: worker.name,
        pid: worker.pid,
        act: async () => {
          worker.setSkew(random.pick([-hourMs, 0, hourMs]));
          await worker.kill(0);
        },
      },
    ]),
    ...stack.servers.flatMap((server): Deed[] => [
      { name: 'kill -9', weight: 2, target: server.name, act: () => server.kill(draw(downMs)) },
      { name: 'freeze', weight: 1, target: server.name, act: () => frozen(server) },
    ]),
    { name: 'immediate stop', weight: 3, target: 'postgres', act: () => postgres.break('SIGQUIT', draw(downMs)) },
    { name: 'slow network', weight: 1, target: 'postgres', act: () => slow(postgres) },
    { name: 'cut network', weight: 1, target: 'postgres', act: async () => postgres.proxy.cut() },
    { name: 'half-open network', weight: 1, target: 'postgres', act: async () => void freezeHalf(postgres) },
  ];
  if (redis !== null) {
    deeds.push(
      { name: 'kill -9', weight: 3, target: 'redis', act: () => redis.break('SIGKILL', draw(downMs)) },
      { name: 'lost disk', weight: 2, target: 'redis', act: () => redis.break('SIGKILL', draw(downMs), loseData) },
      { name: 'FLUSHALL', weight: 3, target: 'redis', act: flush },
      { name: 'slow network', weight: 1, target: 'redis', act: () => slow(redis) },
      { name: 'cut network', weight: 1, target: 'redis', act: async () => redis.proxy.cut() },
      { name: 'half-open network', weight: 1, target: 'redis', act: async () => void freezeHalf(redis) },
    );
  }
  const { smallDisk } = stack;
  if (smallDisk !== null) {
    deeds.push({ name: 'full disk', weight: 2, target: 'disk', act: () => fill(smallDisk) });
  }
  const ofWorkers = new Set(stack.workers.map(({ name }) => name));
  const chosen =
    kinds === 'all' ? deeds : deeds.filter(({ name, target }) => name === 'kill -9' && ofWorkers.has(target));
  const longAbsences: Deed[] = [
    { name: 'absence', weight: 0, target: 'postgres', act: () => postgres.break('SIGQUIT', absenceMs / 2) },
    ...(redis === null
      ? []
      : [{ name: 'absence', weight: 0, target: 'redis', act: () => redis.break('SIGKILL', absenceMs) }]),
  ];
  const absences = kinds === 'all' ? longAbsences : [];

  function freezeHalf(service: { readonly proxy: { freeze(chosen: () => boolean): number } }): number {
    return service.proxy.freeze(() => random.chance(0.5));
  }

  async function loseData(): Promise<void> {
    await rm(path.join(redis!.folder, 'appendonlydir'), { recursive: true, force: true });
  }

  async function flush(): Promise<void> {
    const connection = new Redis(redis!.url, { maxRetriesPerRequest: 1 });
    connection.on('error', () => {});
    await connection.flushall().finally(() => connection.disconnect());
  }

  async function fill(folder: string): Promise<void> {
    const file = path.join(folder, 'fills-the-disk');
    await writeFile(file, Buffer.alloc(64 * 1_024 * 1_024)).catch(() => {});
    await sleep(10_000);
    await rm(file, { force: true });
  }

  function choose(): Deed | null {
    const free = chosen.filter((deed) => !busy.has(deed.target) && deed.pid?.() !== null);
    const all = free.reduce((sum, deed) => sum + deed.weight, 0);
    let left = random.next() * all;
    return free.find((deed) => (left -= deed.weight) < 0) ?? null;
  }

  async function commit(deed: Deed): Promise<void> {
    busy.add(deed.target);
    const fault: Fault = {
      name: deed.name,
      target: deed.target,
      from: new Date(),
      to: null,
      pid: deed.pid?.() ?? null,
    };
    faults.push(fault);
    try {
      await deed.act();
    } finally {
      fault.to = new Date();
      const seconds = (time: Date) => ((time.getTime() - bornAt) / 1_000).toFixed(1);
      tell(`  ${seconds(fault.from)}-${seconds(fault.to)} s: ${fault.name} of ${fault.target}`);
      busy.delete(deed.target);
    }
  }

  return {
    faults,
    haunt: async (forMs, everyMs) => {
      const startedAt = performance.now();
      const acts: Promise<void>[] = [];
      const failed: unknown[] = [];
      const start = (deed: Deed) => acts.push(commit(deed).catch((error: unknown) => void failed.push(error)));
      // One after the other, and mended well before the end.
      const absenceAt = absences.map((_, index) => (forMs * (index + 1)) / (absences.length + 2));
      while (performance.now() - startedAt < forMs) {
        await sleep(everyMs);
        const due = absences.findIndex(
          (deed, index) => performance.now() - startedAt > absenceAt[index]! && !busy.has(deed.target),
        );
        const deed = due === -1 ? choose() : absences.splice(due, 1)[0]!;
        if (due !== -1) absenceAt.splice(due, 1);
        if (deed !== null) start(deed);
      }
      await Promise.all(acts);
      if (failed.length > 0) throw failed[0];
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It was killed while it was frozen.
  }
}
