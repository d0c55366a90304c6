import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { FfmpegPart } from '../../core/node-type/ffmpeg-parts.ts';
import type { Binaries } from './binaries.ts';

/** What the ffmpeg at hand can do. It is asked once, and again when another program is in its place. */
export interface FfmpegParts {
  /** Those of the parts that it does not have; all of them where there is no ffmpeg that runs. */
  lacking(parts: readonly FfmpegPart[]): Promise<readonly FfmpegPart[]>;
}

/** Printing a list is instant, but the first look at a large program on a slow disk is not. */
const timeoutMs = 10_000;

/** Characters of a list; the longest has some 40,000. */
const maxLength = 4_000_000;

/** Asks the ffmpeg at hand for its parts once, and anew where the program was replaced. */
export function createFfmpegParts(binaries: Binaries): FfmpegParts {
  let known: { readonly file: string; readonly parts: Promise<ReadonlySet<string>> } | null = null;

  async function partsAtHand(): Promise<ReadonlySet<string>> {
    const { path } = await binaries.find('ffmpeg');
    const { size, mtimeMs } = await stat(path);
    const file = `${path} ${size} ${mtimeMs}`;
    if (known?.file !== file) known = { file, parts: askParts(path) };
    try {
      return await known.parts;
    } catch (error) {
      // It may have been busy: it is asked again.
      known = null;
      throw error;
    }
  }

  return {
    async lacking(parts) {
      const found = await partsAtHand().catch(() => new Set<string>());
      return parts.filter((part) => !found.has(part));
    },
  };
}

async function askParts(path: string): Promise<ReadonlySet<string>> {
  const [filters, encoders] = await Promise.all(
    ['-filters', '-encoders'].map((list) =>
      promisify(execFile)(path, ['-hide_banner', list], { timeout: timeoutMs, maxBuffer: maxLength }),
    ),
  );
  return new Set([
    ...namesIn(filters!.stdout, filterLine, 'filter'),
    ...namesIn(encoders!.stdout, encoderLine, 'encoder'),
  ]);
}

/** ` T.C overlay          VV->V      Overlay a video source …`; newer versions print fewer marks. */
const filterLine = /^ [A-Z.|]{2,3} (\w+) +\S+->\S+ /;
/** ` V....D libx264              H.264 …`, without the legend above it. */
const encoderLine = /^ [VAS][A-Z.]{5} ([\w-]+) +[^= ]/;

function namesIn(text: string, line: RegExp, kind: 'filter' | 'encoder'): string[] {
  return text.split('\n').flatMap((row) => {
    const name = line.exec(row)?.[1];
    return name === undefined ? [] : [`${kind}:${name}`];
  });
}
