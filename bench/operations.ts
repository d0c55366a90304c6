import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { conclude, type Finding } from './findings.ts';
import { imageContests } from './operations/images.ts';
import { longVideo, trimmedInConstantMemory } from './operations/long-video.ts';
import { programContests, type Contest } from './operations/programs.ts';
import { watchMemory } from './process-memory.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * Operations on media beside the bare tools, in turn. Of those that run ffmpeg, the command lines are written down once
 * and then run by themselves: the very same options, without all that is asked and checked around them. Of those on
 * images a process does the same with sharp alone. Then a video of 2 GB is trimmed without encoding it.
 *
 *   npm run bench -- operations [--turns 3] [--seconds 10] [--only trim] [--gigabytes 2] [--json FILE] [--svg FILE]
 *
 * Everything is made in a temporary folder, which is removed. Ends with 1 where a target is missed. Linux only.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '3' },
    /** Of the clip that the operations work on. */
    seconds: { type: 'string', default: '10' },
    /** A part of the name of those that are to be measured. */
    only: { type: 'string', default: '' },
    /** Of the long video; 0: without it. */
    gigabytes: { type: 'string', default: '2' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const mostRatio = 1.15;
const mostMb = 600;
const turns = Number(values.turns);
const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-operations-'));
const memory = watchMemory();
const binaries = createBinaries({ searchPath: process.env['PATH'] ?? '' });
const media = createMedia({ binaries, imagePool: { size: 1 }, limits: { maxVideoBytes: 4 * 2 ** 30 } });
const findings: Finding[] = [];
const names: string[] = [];
try {
  const { path: ffmpeg } = await binaries.find('ffmpeg');
  const contests = await programContests({ folder, ffmpeg, seconds: Number(values.seconds) });
  for (const contest of contests.filter(({ name }) => name.includes(values.only))) {
    const commands = await commandsOf(contest, ffmpeg);
    const bare = async () => {
      for (const args of commands) await run(ffmpeg, args, { cwd: folder });
    };
    await inTurn(contest.name, () => contest.work(media), bare);
  }
  const images = await imageContests(folder);
  try {
    for (const { name, work, bare } of images.contests.filter((contest) => contest.name.includes(values.only))) {
      await inTurn(
        name,
        () => work(media),
        () => images.bare(bare),
      );
    }
  } finally {
    await images.stop();
  }
  if (Number(values.gigabytes) > 0 && 'trim'.includes(values.only)) {
    findings.push(
      ...(await trimmedInConstantMemory(media, memory, {
        short: await longVideo({ folder, ffmpeg, bytes: 0.1 * 2 ** 30 }),
        long: await longVideo({ folder, ffmpeg, bytes: Number(values.gigabytes) * 2 ** 30 }),
        folder,
      })),
    );
  }
} finally {
  memory.stop();
  await media.stop();
  await rm(folder, { recursive: true });
}
await conclude({
  scenario: 'operations',
  findings,
  plot: {
    title: 'Time of an operation, as a multiple of the bare tool',
    unit: 'median of the turns',
    kind: 'bars',
    groups: names,
    series: [
      {
        name: 'Heddle / bare',
        values: names.map((name) => findings.find((finding) => finding.name === name)?.value ?? Number.NaN),
      },
    ],
  },
  json: values.json,
  svg: values.svg,
});

async function inTurn(name: string, own: () => Promise<unknown>, bare: () => Promise<unknown>): Promise<void> {
  const ratios: number[] = [];
  const times = { own: [] as number[], bare: [] as number[] };
  let peak = 0;
  // The first turn reads files into memory and starts processes.
  for (let turn = 0; turn <= turns; turn += 1) {
    memory.takePeak();
    const ownMs = await milliseconds(own);
    peak = Math.max(peak, memory.takePeak());
    const bareMs = await milliseconds(bare);
    if (turn === 0) continue;
    times.own.push(ownMs);
    times.bare.push(bareMs);
    ratios.push(ownMs / bareMs);
  }
  names.push(name);
  findings.push(
    { name, value: median(ratios), unit: 'x', target: { kind: 'at most', value: mostRatio }, turns: ratios },
    { name: `${name}: Heddle`, value: median(times.own), unit: 'ms', turns: times.own },
    { name: `${name}: bare`, value: median(times.bare), unit: 'ms', turns: times.bare },
    { name: `${name}: memory`, value: peak, unit: 'MB', target: { kind: 'at most', value: mostMb }, turns: [peak] },
  );
}

/** The command lines of ffmpeg that an operation runs, in order; asked for once, with a program in between. */
async function commandsOf(contest: Contest, ffmpeg: string): Promise<string[][]> {
  const log = join(folder, 'commands');
  const between = join(folder, 'ffmpeg-between');
  await rm(log, { force: true });
  await writeFile(
    between,
    `#!/bin/sh\nfor word in "$@"; do printf '%s\\0' "$word" >>'${log}'; done\nprintf '\\n\\0' >>'${log}'\nexec '${ffmpeg}' "$@"\n`,
  );
  await chmod(between, 0o755);
  const { path: ffprobe } = await binaries.find('ffprobe');
  const listening: Media = createMedia({
    binaries: createBinaries({ ffmpegPath: between, ffprobePath: ffprobe, searchPath: process.env['PATH'] ?? '' }),
    imagePool: { size: 1 },
  });
  try {
    await contest.work(listening);
  } finally {
    await listening.stop();
  }
  const words = (await readFile(log, 'utf8')).split('\0');
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === '\n') commands.push([]);
    else if (word !== '') commands.at(-1)!.push(word);
  }
  return commands.filter((args) => args.length > 0 && !isLook(args));
}

/** What is decoded only to look at it is Heddle's own addition: a taste of a sound, a search for a frame. */
function isLook(args: readonly string[]): boolean {
  return args.includes('s16le') || args.some((word) => word.includes('showinfo'));
}
