import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createMedia, type Media } from '../media/media.ts';
import { cropImage } from '../media/operations/crop-image.ts';
import { extractFrame } from '../media/operations/extract-frame.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { conclude, type Finding } from './findings.ts';
import { makePhoto } from './photo.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * Crops and frames against the bare tools: 80 % of a photo of 12 MP against
 * processes that do nothing but call sharp, and the frame in the middle of a
 * clip of ten seconds in 1080p against ffmpeg itself plus one ffprobe.
 *
 *   npm run bench -- media [--turns 7] [--crops 12] [--frames 4] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '7' },
    /** Crops of a turn, as many at a time as there are processes. */
    crops: { type: 'string', default: '12' },
    /** Frames of a turn, one after another. */
    frames: { type: 'string', default: '4' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const processes = 2;
const mostRatio = 1.15;
const clipSeconds = 10;
const { signal } = new AbortController();
const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-media-'));
const binaries = createBinaries({ searchPath: process.env['PATH'] ?? '' });
const media = createMedia({ binaries, imagePool: { size: processes } });
try {
  const photo = await makePhoto(folder);
  const clip = await makeClip();
  const crop = await inTurn(
    await ownCrops(media, photo),
    await bareCrops(photo),
    'crop of 80 % of 12 MP',
    Number(values.crops),
  );
  const frame = await inTurn(ownFrames(media, clip), await bareFrames(clip), 'frame at 50 %', Number(values.frames));
  await conclude({
    scenario: 'media',
    findings: [...crop.findings, ...frame.findings],
    plot: {
      title: 'Time of one crop and of one frame',
      unit: 'ms, median of the turns',
      kind: 'bars',
      groups: ['crop', 'frame'],
      series: [
        { name: 'bare', values: [median(crop.bare), median(frame.bare)] },
        { name: 'Heddle', values: [median(crop.own), median(frame.own)] },
      ],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  await media.stop();
  await rm(folder, { recursive: true });
}

interface Contestant {
  /** Does it so many times. */
  work(count: number): Promise<void>;
  stop(): Promise<void>;
}

async function inTurn(own: Contestant, bare: Contestant, name: string, count: number) {
  const times = { own: [] as number[], bare: [] as number[] };
  // The first turn starts processes and reads the file into memory.
  for (let turn = 0; turn <= Number(values.turns); turn += 1) {
    const ownMs = (await milliseconds(() => own.work(count))) / count;
    const bareMs = (await milliseconds(() => bare.work(count))) / count;
    if (turn === 0) continue;
    times.own.push(ownMs);
    times.bare.push(bareMs);
  }
  await own.stop();
  await bare.stop();
  const ratios = times.own.map((ms, turn) => ms / times.bare[turn]!);
  const findings: Finding[] = [
    {
      name: `${name}, against the bare tool`,
      value: median(ratios),
      unit: 'x',
      target: { kind: 'at most', value: mostRatio },
      turns: ratios,
    },
    { name: `${name}: Heddle`, value: median(times.own), unit: 'ms', turns: times.own },
    { name: `${name}: bare`, value: median(times.bare), unit: 'ms', turns: times.bare },
  ];
  return { ...times, findings };
}

/** `count` times, `lanes` at a time. */
async function inLanes(count: number, lanes: number, work: (index: number, lane: number) => Promise<void>) {
  let next = 0;
  const one = async (lane: number) => {
    while (next < count) await work((next += 1), lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => one(lane)));
}

async function ownCrops(tools: Media, input: string): Promise<Contestant> {
  return {
    work: (count) =>
      inLanes(count, processes, async (index) => {
        const output = join(folder, `own-${index}.jpg`);
        await tools.run(cropImage, {
          input,
          output,
          area: { unit: 'percent', x: 10, y: 10, width: 80, height: 80 },
          signal,
        });
      }),
    stop: async () => {},
  };
}

async function bareCrops(input: string): Promise<Contestant> {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './bare-sharp.ts' : './bare-sharp.js', import.meta.url));
  const children: ChildProcess[] = Array.from({ length: processes }, () =>
    // As many arenas as Heddle's own, which costs nothing and must not be what is compared. What else those do with memory is.
    fork(entry, [], { env: { MALLOC_ARENA_MAX: '2' }, execArgv: process.execArgv }),
  );
  return {
    work: (count) =>
      inLanes(count, processes, async (index, lane) => {
        const child = children[lane]!;
        const done = new Promise((resolve) => child.once('message', resolve));
        child.send({ input, output: join(folder, `bare-${index}.jpg`) });
        await done;
      }),
    stop: async () => {
      await Promise.all(
        children.map(async (child) => {
          const ended = new Promise((resolve) => child.once('exit', resolve));
          child.disconnect();
          await ended;
        }),
      );
    },
  };
}

function ownFrames(tools: Media, input: string): Contestant {
  return {
    work: (count) =>
      inLanes(count, 1, async () => {
        const output = join(folder, 'own.png');
        await tools.run(extractFrame, { input, output, at: { kind: 'fraction', value: 0.5 }, signal });
      }),
    stop: async () => {},
  };
}

async function bareFrames(input: string): Promise<Contestant> {
  const { path: ffmpeg } = await binaries.find('ffmpeg');
  const { path: ffprobe } = await binaries.find('ffprobe');
  const output = join(folder, 'bare.png');
  return {
    work: (count) =>
      inLanes(count, 1, async () => {
        const { stdout } = await run(ffprobe, ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', input]);
        const { format } = JSON.parse(stdout) as { format: { duration: string } };
        const seek = ['-nostdin', '-v', 'error', '-y', '-threads', '2', '-ss', String(Number(format.duration) / 2)];
        await run(ffmpeg, [...seek, '-i', input, '-frames:v', '1', '-pix_fmt', 'rgb24', output]);
      }),
    stop: async () => {},
  };
}

/** A moving test picture, with a key frame every 250 frames as x264 makes them. */
async function makeClip(): Promise<string> {
  const { path: ffmpeg } = await binaries.find('ffmpeg');
  const file = join(folder, 'clip.mp4');
  const source = `testsrc2=size=1920x1080:rate=30:duration=${clipSeconds}`;
  await run(ffmpeg, [
    ...['-v', 'error', '-f', 'lavfi', '-i', source],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', file],
  ]);
  return file;
}
