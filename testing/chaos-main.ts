import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runChaos, type ChaosOptions, type ChaosResult } from './chaos/chaos-run.ts';
import { projectRoot } from './processes.ts';

/*
 * Breaks a whole installation on purpose while it runs random graphs, and checks
 * that nothing was lost, done twice or left behind.
 *
 *   npm run chaos -- --runs 1000 --seed 7 [--queue redis|postgres] [--minutes 5] [--faults all|deaths] [--log FILE]
 *   npm run chaos -- --replay [--within SECONDS]
 *
 * With --faults deaths workers are killed and nothing else happens, and what they ran has to go on within 15 s.
 *
 * Without --seed it draws one and prints it. A seed that fails is written into
 * testing/chaos/failing-seeds.json and belongs into the next commit, with a word
 * of why; --replay runs those that stand there. What has not begun when --within
 * leaves no time for it is named and left out. A seed that no longer teaches
 * anything of its own is taken off: the list is for what one replay has time for.
 * A seed gives the same graphs and the same
 * faults, but not the same moments: a replay is likely to meet the same fault,
 * not bound to.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string' },
    queue: { type: 'string', default: 'redis' },
    minutes: { type: 'string' },
    faults: { type: 'string', default: 'all' },
    replay: { type: 'boolean', default: false },
    within: { type: 'string' },
    log: { type: 'string' },
  },
});

const seedSchema = z.object({
  seed: z.number().int(),
  queue: z.enum(['redis', 'postgres']),
  runs: z.number().int().positive(),
  minutes: z.number().positive(),
  faults: z.enum(['all', 'deaths']).default('all'),
  /** What it once brought to light. */
  why: z.string(),
});
type Seed = z.output<typeof seedSchema>;

const seedsFile = path.join(projectRoot, 'testing', 'chaos', 'failing-seeds.json');
/** Runs that two busy processors get through in a minute beside the faults. */
const runsPerMinute = 200;
/** Problems that are printed of each try. */
const shownProblems = 40;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function readSeeds(): Promise<Seed[]> {
  return seedSchema.array().parse(JSON.parse(await readFile(seedsFile, 'utf8')));
}

async function keepSeed(seed: Omit<Seed, 'why'>, why: string): Promise<void> {
  const known = await readSeeds();
  if (known.some((other) => other.seed === seed.seed && other.queue === seed.queue)) return;
  await writeFile(seedsFile, `${JSON.stringify([...known, { ...seed, why }], null, 2)}\n`);
}

/** Ctrl-C must not leave a Postgres behind. */
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
process.once('SIGTERM', () => interruption.abort());

async function attempt(options: Omit<ChaosOptions, 'tell' | 'signal'>): Promise<boolean> {
  const { seed, queue, runs, minutes, faults = 'all' } = options;
  print(
    `\nseed ${seed}, queue on ${queue}, ${runs} runs, ${minutes} min${faults === 'deaths' ? ', deaths of workers' : ''}`,
  );
  const startedAt = performance.now();
  const result = await runChaos({ ...options, tell: print, signal: interruption.signal });
  report(result, (performance.now() - startedAt) / 1_000);
  if (values.log !== undefined) await writeFile(values.log, result.logs);
  const isGood = result.problems.length === 0;
  if (!isGood) await keepSeed({ seed, queue, runs, minutes, faults }, result.problems[0]!);
  return isGood;
}

function report({ problems, faults, load, ...result }: ChaosResult, seconds: number): void {
  const kinds = new Map<string, number>();
  for (const { name, target } of faults) {
    const kind = `${name} of ${target.replace(/ \d+$/, '')}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const { recoveries } = result;
  print(`faults      ${faults.length}: ${[...kinds].map(([kind, count]) => `${count} x ${kind}`).join(', ')}`);
  print(
    `requests    again for ${[...load.troubles].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'nothing'}`,
  );
  print(
    `runs        ${load.accepted.length} accepted with ${result.parts} parts and ${result.nodes} nodes, ${result.extraAttempts} extra attempts`,
  );
  print(`questions   ${result.answers.taken} answered, ${result.answers.refused} answers came second`);
  print(`brought down by faults: ${result.excusedNodes} nodes`);
  print(
    `recovery    ${recoveries.count} lost attempts: p50 ${recoveries.p50Ms} ms, p99 ${recoveries.p99Ms} ms, ` +
      `max ${recoveries.maxMs} ms (and ${recoveries.during} while a service was away)`,
  );
  for (const slow of recoveries.slowest) print(`            ${slow}`);
  print(`settled     ${Math.round(result.settledMs)} ms after the last fault; ${seconds.toFixed(0)} s in all`);
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  for (const [problem, times] of [...counts].slice(0, shownProblems)) {
    print(`PROBLEM     ${problem}${times > 1 ? ` (${times} times)` : ''}`);
  }
  if (counts.size > shownProblems) print(`            and ${counts.size - shownProblems} others`);
  print(problems.length === 0 ? 'ok' : `FAILED with ${problems.length} problems`);
}

const seeds: Omit<Seed, 'why'>[] = values.replay
  ? await readSeeds()
  : [
      {
        seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
        queue: seedSchema.shape.queue.parse(values.queue),
        runs: Number(values.runs),
        minutes: Number(values.minutes ?? Number(values.runs) / runsPerMinute),
        faults: seedSchema.shape.faults.parse(values.faults),
      },
    ];
const withinSeconds = Number(values.within ?? Infinity);
const secondsSoFar = (): number => performance.now() / 1_000;
const failed: number[] = [];
/** What a seed took longest besides the time of its faults: starting, settling, checking and stopping. */
let besideSeconds = 0;
for (const seed of seeds) {
  const startedAt = secondsSoFar();
  const faultSeconds = seed.minutes * 60;
  if (startedAt + faultSeconds + besideSeconds > withinSeconds) {
    print(`\nseed ${seed.seed} left out: ${withinSeconds} s do not suffice for it`);
    continue;
  }
  if (!(await attempt(seed))) failed.push(seed.seed);
  besideSeconds = Math.max(besideSeconds, secondsSoFar() - startedAt - faultSeconds);
}
if (failed.length > 0) {
  print(`\nfailing seeds: ${failed.join(', ')}`);
  process.exitCode = 1;
}
