import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { conclude, type Finding } from './findings.ts';
import { imageContests } from './operations/images.ts';
import { largeVideos } from './operations/large-videos.ts';
import { longVideo, trimmedInConstantMemory } from './operations/long-video.ts';
import { firstLooks } from './operations/first-looks.ts';
import { makeMaterial, programContests, type Contest } from './operations/programs.ts';
import { watchMemory } from './process-memory.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * Operations on media beside the bare tools, in turn. Of those that run ffmpeg, the command lines are written down once
 * and then run by themselves: the very same options, without all that is asked and checked around them (frames and peaks
 * are taken by command lines of their own). Of those on images a process does the same with sharp alone. Then a video of
 * 2 GB is trimmed without encoding it.
 *
 * The first turn is not counted: in it files are looked at (ffprobe, two seconds of a sound decoded), which is remembered as
 * long as they stay as they are, and processes start. What that takes is told apart, in milliseconds.
 *
 *   npm run bench -- operations [--turns 5] [--seconds 8] [--only trim,crop] [--gigabytes 2] [--json FILE] [--svg FILE]
 *
 * Everything is made in a temporary folder, which is removed. Ends with 1 where a target is missed. Linux only.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    /** Of the clip that the operations work on. */
    seconds: { type: 'string', default: '8' },
    /** Parts of the names of those that are to be measured, separated by commas. */
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
const isWanted = (name: string): boolean => values.only.split(',').some((part) => name.includes(part));
const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-operations-'));
/** What is compared with is not of the worker. */
const others = new Set<number>();
const memory = watchMemory(others);
const binaries = createBinaries({ searchPath: process.env['PATH'] ?? '' });
const media = createMedia({ binaries, imagePool: { size: 1 }, limits: { maxVideoBytes: 4 * 2 ** 30 } });
const findings: Finding[] = [];
const names: string[] = [];
const keptFolders: string[] = [];
try {
  const { path: ffmpeg } = await binaries.find('ffmpeg');
  const material = await makeMaterial({ folder, ffmpeg, seconds: Number(values.seconds) });
  const contests = programContests(material);
  for (const contest of contests.filter((contest) => isWanted(contest.name))) {
    const commands = await commandsOf(contest, ffmpeg);
    const bare = async () => {
      for (const { args, cwd } of commands)
        await run(ffmpeg, args, { cwd, maxBuffer: 256 * 2 ** 20, encoding: 'buffer' });
    };
    await inTurn(contest.name, () => contest.work(media), bare);
  }
  for (const { name, prepare, isHeld } of largeVideos(folder, ffmpeg).filter((video) => isWanted(video.name))) {
    const work = await prepare();
    findings.push(await memoryOf(name, () => work(media), isHeld));
  }
  if (isWanted('first look')) findings.push(...(await firstLooks(binaries, material, turns)));
  const images = await imageContests(folder, async (into) => {
    const pictures = join(into, 'cell-%d.png');
    await run(ffmpeg, ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=480x360:rate=1:duration=60', pictures]);
    return Array.from({ length: 60 }, (_, index) => join(into, `cell-${index + 1}.png`));
  });
  others.add(images.pid);
  try {
    for (const { name, work, bare } of images.contests.filter((contest) => isWanted(contest.name))) {
      await inTurn(
        name,
        () => work(media),
        () => images.bare(bare),
      );
    }
    const isAnyWanted = images.contests.some(({ name }) => isWanted(name));
    for (const { name, work } of isAnyWanted ? await images.ofLargest() : [])
      if (isWanted(name)) findings.push(await memoryOf(`${name}, of 50 MP`, () => work(media)));
    if (isWanted(images.start.name)) findings.push(...(await fixedCost(images)));
  } finally {
    await images.stop();
  }
  if (Number(values.gigabytes) > 0 && isWanted('trim video')) {
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
  for (const made of [folder, ...keptFolders]) await rm(made, { recursive: true });
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

/** What a process of its own costs an operation, beside what sharp takes for it, and what it costs to start one. */
async function fixedCost({ start, bare }: Awaited<ReturnType<typeof imageContests>>): Promise<Finding[]> {
  const costs: number[] = [];
  const starts: number[] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const fresh = createMedia({ binaries, imagePool: { size: 1 } });
    try {
      const firstMs = await milliseconds(() => start.work(fresh));
      const ownMs = await milliseconds(() => start.work(fresh));
      const bareMs = await milliseconds(() => bare(start.bare));
      if (turn === 0) continue;
      starts.push(firstMs - ownMs);
      costs.push(ownMs - bareMs);
    } finally {
      await fresh.stop();
    }
  }
  return [
    { name: start.name, value: median(costs), unit: 'ms', turns: costs },
    { name: 'start of an image process', value: median(starts), unit: 'ms', turns: starts },
  ];
}

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
  // It takes a quarter of an hour: what is known is told, for whoever breaks it off.
  console.log(`       ${name.padEnd(32)} ${median(ratios).toFixed(3)} x, ${Math.round(peak)} MB`);
}

/** The most memory that an operation on the largest file takes, with all processes; held against the limit unless told. */
async function memoryOf(name: string, work: () => Promise<unknown>, isHeld = true): Promise<Finding> {
  memory.takePeak();
  await work();
  const peak = memory.takePeak();
  console.log(`       ${name.padEnd(32)} ${Math.round(peak)} MB`);
  return {
    name: `${name}: memory`,
    value: peak,
    unit: 'MB',
    ...(isHeld && { target: { kind: 'at most' as const, value: mostMb } }),
    turns: [peak],
  };
}

interface Command {
  readonly args: readonly string[];
  readonly cwd: string;
}

/**
 * The command lines of ffmpeg that an operation runs, in order; asked for once, with a program in between. It keeps a
 * second name of each file that is there then: what an operation writes for ffmpeg to read is gone after it.
 */
async function commandsOf({ work, bare }: Contest, ffmpeg: string): Promise<readonly Command[]> {
  if (bare !== undefined) return bare.map((args) => ({ args, cwd: folder }));
  const kept = await mkdtemp(join(tmpdir(), 'heddle-bench-kept-'));
  keptFolders.push(kept);
  const between = join(kept, 'ffmpeg-between');
  await writeFile(
    between,
    [
      '#!/bin/sh',
      `n=$(ls '${kept}' | wc -l)`,
      `mkdir '${kept}'/$n`,
      `cp -l '${folder}'/* '${kept}'/$n/`,
      `for word in "$@"; do printf '%s\\0' "$word" >>'${kept}'/$n/command; done`,
      `exec '${ffmpeg}' "$@"`,
      '',
    ].join('\n'),
  );
  await chmod(between, 0o755);
  const { path: ffprobe } = await binaries.find('ffprobe');
  const listening: Media = createMedia({
    binaries: createBinaries({ ffmpegPath: between, ffprobePath: ffprobe, searchPath: process.env['PATH'] ?? '' }),
    imagePool: { size: 1 },
  });
  try {
    await work(listening);
  } finally {
    await listening.stop();
  }
  const numbers = (await readdir(kept)).map(Number).filter((number) => !Number.isNaN(number));
  const commands: Command[] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const cwd = join(kept, String(number));
    const words = (await readFile(join(cwd, 'command'), 'utf8')).split('\0').slice(0, -1);
    if (!isLook(words)) commands.push({ args: words.map((word) => word.replaceAll(folder, cwd)), cwd });
  }
  return commands;
}

/** What is decoded only to look at it is Heddle's own addition: a taste of a sound, a search for a frame. */
function isLook(args: readonly string[]): boolean {
  const isQuestion = args.includes('-filters') || args.includes('-encoders') || args.includes('-version');
  return isQuestion || args.includes('s16le') || args.some((word) => word.includes('showinfo'));
}
