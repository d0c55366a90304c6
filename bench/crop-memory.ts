import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createMedia, type Media } from '../media/media.ts';
import { cropImage } from '../media/operations/crop-image.ts';
import { createBinaries } from '../media/video/binaries.ts';

/*
 * Memory of a worker and its image processes over many crops of 12 MP photos,
 * half of them lying on their side. Linux only: it reads /proc.
 *
 *   node dist/bench/crop-memory.js [--crops 2000] [--concurrency 4] [--processes 2]
 */

/** The bound that the run is held against, in MB. */
const boundMb = 600;

/** Between two looks at the memory, in ms: short against one crop. */
const sampleMs = 50;

const { values } = parseArgs({
  options: {
    crops: { type: 'string', default: '2000' },
    concurrency: { type: 'string', default: '4' },
    processes: { type: 'string', default: '2' },
    /** Set by this program for itself: only make the photos in this folder. */
    photos: { type: 'string' },
  },
});
const crops = Number(values.crops);
const concurrency = Number(values.concurrency);

if (values.photos === undefined) await measure();
else await makePhotos(values.photos);

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-crop-memory-'));
  try {
    // In a process of its own: a worker never loads the image library.
    await promisify(execFile)(process.execPath, [
      ...process.execArgv,
      fileURLToPath(import.meta.url),
      '--photos',
      folder,
    ]);
    const photos = [join(folder, 'upright.jpg'), join(folder, 'lying.jpg')];
    const media = createMedia({ binaries: createBinaries({}), imagePool: { size: Number(values.processes) } });
    const peak = { totalMb: 0, childMb: 0, pids: new Set<number>() };
    const sampler = setInterval(() => void sample(peak), sampleMs);
    const startedAt = performance.now();
    await cropAll(media, folder, photos);
    const seconds = (performance.now() - startedAt) / 1_000;
    clearInterval(sampler);
    await media.stop();
    const photoMb = (await stat(photos[0] ?? '')).size / 1_048_576;
    console.log(
      [
        `${crops} crops of 4000 × 3000 (${photoMb.toFixed(1)} MB) in ${seconds.toFixed(1)} s, ${(crops / seconds).toFixed(1)}/s`,
        `image processes: ${values.processes} at a time, ${peak.pids.size} in all, largest ${peak.childMb.toFixed(0)} MB`,
        `worker and children: at most ${peak.totalMb.toFixed(0)} MB of ${boundMb} MB`,
      ].join('\n'),
    );
    if (peak.totalMb > boundMb) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Two photos of 4,000 × 3,000 with as much detail as a camera's. */
async function makePhotos(folder: string): Promise<void> {
  const { default: sharp } = await import('sharp');
  const upright = join(folder, 'upright.jpg');
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  await sharp({ create: { width: 4_000, height: 3_000, channels: 3, background: '#808080', noise } })
    .blur(1.2)
    .jpeg({ quality: 88 })
    .toFile(upright);
  await sharp(upright).withMetadata({ orientation: 6 }).jpeg({ quality: 88 }).toFile(join(folder, 'lying.jpg'));
}

async function cropAll(media: Media, folder: string, photos: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  let next = 0;
  const lane = async () => {
    while (next < crops) {
      const index = (next += 1);
      const input = photos[index % photos.length] ?? '';
      const output = join(folder, `crop-${index}`);
      await media.run(cropImage, {
        input,
        output,
        area: { unit: 'percent', x: 10, y: 10, width: 80, height: 80 },
        signal,
      });
      await rm(output);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

async function sample(peak: { totalMb: number; childMb: number; pids: Set<number> }): Promise<void> {
  const pids = await childPids();
  const sizes = await Promise.all(pids.map((pid) => residentMb(String(pid))));
  for (const pid of pids) peak.pids.add(pid);
  const own = await residentMb('self');
  peak.childMb = Math.max(peak.childMb, ...sizes);
  peak.totalMb = Math.max(
    peak.totalMb,
    sizes.reduce((sum, size) => sum + size, own),
  );
}

async function childPids(): Promise<number[]> {
  const text = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').map(Number).filter(Boolean);
}

/** Zero for a process that has just ended. */
async function residentMb(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
}
