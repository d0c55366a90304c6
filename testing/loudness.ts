import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installedFfmpeg } from './frame-taker.ts';

/** How loud a stretch is, as the root of the mean square; times in seconds. */
export function levelBetween(samples: Float32Array, from: number, to: number, rate = 48_000): number {
  const part = samples.subarray(Math.round(from * rate), Math.round(to * rate));
  return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / Math.max(1, part.length));
}

/** Integrated loudness in LUFS and true peak in dBFS, by the meter of EBU R128, which no product code uses. */
export async function meterLoudness(file: string): Promise<{ integrated: number; peak: number }> {
  const args = ['-nostdin', '-hide_banner', '-i', file, '-map', '0:a:0', '-af', 'ebur128=peak=true', '-f', 'null', '-'];
  const { stderr } = await promisify(execFile)(installedFfmpeg, args, { maxBuffer: 64 * 1_048_576 });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const value = (pattern: RegExp) => Number(pattern.exec(summary)?.[1]);
  return { integrated: value(/I:\s+(-?[\d.]+) LUFS/), peak: value(/Peak:\s+(-?[\d.]+) dBFS/) };
}
