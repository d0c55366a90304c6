import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Media } from '../../media/media.ts';
import { trimVideo } from '../../media/operations/trim-video.ts';
import type { Finding } from '../findings.ts';
import type { MemoryWatch } from '../process-memory.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** The long one may take so many times the memory of the short one: tables of frames grow a little. */
const mostGrowth = 1.5;

/** A video of about so many bytes: a noisy one of some seconds, copied one after the other. */
export async function longVideo({
  folder,
  ffmpeg,
  bytes,
}: {
  readonly folder: string;
  readonly ffmpeg: string;
  readonly bytes: number;
}): Promise<string> {
  const piece = join(folder, 'noise.mp4');
  const quiet = ['-nostdin', '-v', 'error', '-y'];
  const size = await stat(piece).then(
    (found) => found.size,
    async () => {
      const source = 'testsrc2=size=1920x1080:rate=30:duration=4,noise=alls=60:allf=t';
      // Key frames once a second, and none that depend on later ones: such a video is cut without being encoded.
      const encoding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '12', '-g', '30', '-bf', '0'];
      await run(ffmpeg, [...quiet, '-f', 'lavfi', '-i', source, ...encoding, '-pix_fmt', 'yuv420p', piece]);
      return (await stat(piece)).size;
    },
  );
  const file = join(folder, `long-${Math.round(bytes)}.mp4`);
  const times = Math.max(0, Math.ceil(bytes / size) - 1);
  await run(ffmpeg, [...quiet, '-stream_loop', String(times), '-i', piece, '-c', 'copy', file]);
  return file;
}

/** Cuts the middle out of a short and a long video, copied, and compares the memory that it takes. */
export async function trimmedInConstantMemory(
  media: Media,
  memory: MemoryWatch,
  { short, long, folder }: { readonly short: string; readonly long: string; readonly folder: string },
): Promise<Finding[]> {
  const trim = async (input: string) => {
    const output = join(folder, 'part.mp4');
    memory.takePeak();
    const startedAt = performance.now();
    const { isCopied } = await media.run(trimVideo, {
      ...{ input, output, from: { kind: 'time', ms: 1_000 }, to: { kind: 'last' }, isEncoded: false, signal },
    });
    const ms = performance.now() - startedAt;
    const { size } = await stat(output);
    await rm(output);
    if (!isCopied) throw new Error('The long video was encoded, and not copied: this measures something else.');
    return { mb: memory.takePeak(), ms, gigabytes: size / 2 ** 30 };
  };
  const [less, more] = [await trim(short), await trim(long)];
  const name = `trim of ${more.gigabytes.toFixed(2)} GB without encoding`;
  return [
    { name: `${name}: memory`, value: more.mb, unit: 'MB', target: { kind: 'at most', value: 600 }, turns: [more.mb] },
    {
      name: `${name}: memory, against ${less.gigabytes.toFixed(2)} GB`,
      value: more.mb / less.mb,
      unit: 'x',
      target: { kind: 'at most', value: mostGrowth },
      turns: [more.mb / less.mb],
    },
    { name: `${name}: time`, value: more.ms, unit: 'ms', turns: [more.ms] },
  ];
}
