import { afterAll, beforeAll, expect } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import { isAssetReference, type AssetReference, type NodeInputs, type OutputValue } from '../core/node-type/values.ts';
import { drawTextExecutor } from '../nodes/image/draw-text/executor.ts';
import { gridImagesExecutor } from '../nodes/image/grid/executor.ts';
import { extractFramesExecutor } from '../nodes/video/extract-frames/executor.ts';
import { installedFfmpeg } from './frame-taker.ts';
import { mediaPath } from './media.ts';
import { startNodeRuns, type NodeRuns } from './node-runs.ts';

/*
 * The pictures of docs/nodes.md: what the nodes make of the samples that come with the app. Each run compares them with
 * what is there; `UPDATE_IMAGES=1 npm test -- nodes/docs-pictures.test.ts` (or docs-cards.test.ts) renews them.
 */

/** The folder of the pictures. */
export const picturesOfNodes = fileURLToPath(new URL('../docs/images/nodes/', import.meta.url));
const sample = (name: string) => fileURLToPath(new URL(`../web/public/samples/${name}`, import.meta.url));

const ground = '#f4f1ec';

/** The name of the picture of a node type: `crop-image`. */
export function pictureName(type: string): string {
  return type.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

/** Two pictures of a node are the same if their small copies hardly differ; letters need a larger copy than photos. */
const likenesses = {
  media: { size: { width: 48, height: 32 }, most: 6 },
  card: { size: { width: 320, height: 80 }, most: 1 },
  cardOverMedia: { size: { width: 320, height: 80 }, most: 3 },
} as const;

const gist = (picture: Buffer | string, { width, height }: { readonly width: number; readonly height: number }) =>
  sharp(picture).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer();

/** What a picture is made of: a file, a list of files, or a picture. */
export type Shown = OutputValue | Buffer;

/** Executors, samples, and ways to show what comes of them; for one test file, with its services. `isRenewed`: pictures are written anew. */
export function makeNodePictures({
  isRenewed,
  allow,
}: {
  readonly isRenewed: boolean;
  readonly allow: readonly string[];
}) {
  let runs: NodeRuns;
  const samples = {} as Record<'photo' | 'clip' | 'talk' | 'music', AssetReference>;

  beforeAll(async () => {
    if (isRenewed) await mkdir(picturesOfNodes, { recursive: true });
    runs = await startNodeRuns({ allow });
    const small = mediaPath('photo.jpg');
    await sharp(sample('flask.jpg')).resize(640).jpeg({ quality: 92 }).toFile(small);
    samples.photo = await runs.assetOf(small);
    const short = mediaPath('clip.mp4');
    const size = ['-vf', 'scale=320:180,fps=10', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '0'];
    await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', '-i', sample('turn.mp4'), ...size, '-an', short]);
    samples.clip = await runs.assetOf(short);
    // Words with pauses, and something steady.
    samples.talk = await soundOf(
      'talk.wav',
      '0.3*sin(2*PI*330*t)*(0.6+0.4*sin(2*PI*5*t))*gt(sin(2*PI*0.5*(t-0.5)),0.2)',
    );
    samples.music = await soundOf('music.wav', '0.5*sin(2*PI*140*t)*(0.8+0.2*sin(2*PI*1.5*t))');
  });
  afterAll(() => runs.stop());

  async function soundOf(name: string, expression: string): Promise<AssetReference> {
    const file = mediaPath(name);
    const source = ['-f', 'lavfi', '-i', `aevalsrc='${expression}':s=44100:d=6`];
    await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', ...source, '-c:a', 'pcm_s16le', file]);
    return runs.assetOf(file);
  }

  const outputOf = async (executor: NodeExecutor, data: object, inputs: NodeInputs): Promise<OutputValue> =>
    (await runs.run(executor, data, inputs))['output']!;

  /** How loud sounds are over time, one below the other, as ffmpeg draws them: half a second is 40 pixels. */
  async function wavesOf(sounds: readonly OutputValue[]): Promise<Buffer> {
    const waves = [];
    for (const [index, sound] of sounds.entries()) {
      const file = await runs.fileOf(sound);
      const width = Math.round(((sound as AssetReference).durationMs ?? 6_000) / 12.5);
      const color = index === sounds.length - 1 ? '0xc2410c' : '0x8a8178';
      const draw = `[0:a:0]aformat=channel_layouts=mono,showwavespic=s=${width}x80:colors=${color}[wave]`;
      const drawn = mediaPath(`wave-${index}.png`);
      const args = ['-v', 'error', '-y', '-i', file, '-filter_complex', draw, '-map', '[wave]', '-frames:v', '1'];
      await promisify(execFile)(installedFfmpeg, [...args, drawn]);
      waves.push({ input: await readFile(drawn), left: 8, top: 8 + index * 96, width });
    }
    const width = Math.max(...waves.map((wave) => wave.width)) + 16;
    return sharp({ create: { width, height: waves.length * 96, channels: 3, background: ground } })
      .composite(waves.map(({ input, left, top }) => ({ input, left, top })))
      .jpeg({ quality: 80, mozjpeg: true })
      .toBuffer();
  }

  const blank = async (width: number, height: number): Promise<AssetReference> => {
    const card = mediaPath('card.png');
    await sharp({ create: { width, height, channels: 3, background: ground } })
      .png()
      .toFile(card);
    return runs.assetOf(card);
  };

  /** A value as it is read, one field on a line. */
  async function words(value: OutputValue): Promise<OutputValue> {
    const text = Object.entries(value as object)
      .map(([name, part]) => `${name}: ${JSON.stringify(part).slice(0, 60)}`)
      .join('\n');
    const style = {
      family: 'mono',
      bold: false,
      size: 5,
      color: '#292524',
      outline: 0,
      align: 'left',
      vertical: 'top',
    };
    return outputOf(drawTextExecutor, { text, ...style }, { image: await blank(640, 320) });
  }

  /** A file by its facts, and everything else as it is written. */
  const written = (value: unknown): string => {
    if (typeof value === 'string') return value;
    if (!isAssetReference(value)) return JSON.stringify(value);
    const { mimeType, width, height, durationMs } = value;
    const length = durationMs === undefined ? [] : [`${Math.round(durationMs / 100) / 10} s`];
    return [mimeType, ...(width === undefined ? [] : [`${width} x ${height}`]), ...length].join(', ');
  };

  /** What goes in and what is set, in gray, and below it what comes out, in orange: how nodes without media are shown. */
  async function cardOf(told: object, made: object): Promise<OutputValue> {
    const linesOf = (fields: object) => Object.entries(fields).map(([name, value]) => `${name}: ${written(value)}`);
    const [above, below] = [linesOf(told).join('\n'), linesOf(made).join('\n')];
    const height = 24 * `${above}\n${below}`.split('\n').length + 44;
    const style = { family: 'mono', bold: false, size: 1_600 / height, outline: 0, align: 'left' };
    const first = await outputOf(
      drawTextExecutor,
      { ...style, text: above, color: '#6b645c', vertical: 'top' },
      { image: await blank(640, height) },
    );
    return outputOf(
      drawTextExecutor,
      { ...style, text: below, color: '#c2410c', vertical: 'bottom' },
      { image: first },
    );
  }

  /** A card of what an executor made of settings and inputs. */
  const cardOfRun = async (executor: NodeExecutor, data: object, inputs: object = {}, change = {}) =>
    cardOf({ ...inputs, ...data }, await runs.run(executor, data, inputs as NodeInputs, change));

  /** A card, and below it a picture of the media that came out. */
  async function cardOver(told: object, made: object, media: Shown): Promise<Buffer> {
    const card = await sharp(await runs.fileOf(await cardOf(told, made)))
      .png()
      .toBuffer({ resolveWithObject: true });
    const below = await sharp(await pictureOf(media))
      .resize(624, 220, { fit: 'inside', withoutEnlargement: true })
      .png()
      .toBuffer({ resolveWithObject: true });
    const height = card.info.height + below.info.height + 8;
    return sharp({ create: { width: 640, height, channels: 3, background: ground } })
      .composite([
        { input: card.data, left: 0, top: 0 },
        { input: below.data, left: 8, top: card.info.height },
      ])
      .jpeg({ quality: 80, mozjpeg: true })
      .toBuffer();
  }

  /** One image of what came out: of lists and videos a strip. */
  async function pictureOf(output: Shown): Promise<Buffer> {
    if (Buffer.isBuffer(output)) return output;
    if (Array.isArray(output)) {
      const strip = { columns: 4, cellWidth: 160, gap: 6, background: ground };
      return pictureOf(await outputOf(gridImagesExecutor, strip, { images: [output] } as NodeInputs));
    }
    const asset = output as AssetReference;
    if (asset.mimeType.startsWith('audio/')) return wavesOf([asset]);
    if (asset.mimeType.startsWith('video/')) {
      return pictureOf(await outputOf(extractFramesExecutor, { by: 'count', count: 4 }, { video: asset }));
    }
    return sharp(await runs.fileOf(output))
      .resize(640, 320, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: ground })
      .jpeg({ quality: 80, mozjpeg: true })
      .toBuffer();
  }

  return {
    samples,
    get runs() {
      return runs;
    },
    outputOf,
    wavesOf,
    words,
    cardOf,
    cardOfRun,
    cardOver,
    /** Renews the picture where that is wanted; then what was made has to look like the one that is kept. */
    async compare(type: string, shown: Shown, like: keyof typeof likenesses): Promise<void> {
      const made = await pictureOf(shown);
      const file = `${picturesOfNodes}${pictureName(type)}.jpg`;
      if (isRenewed) await writeFile(file, made);
      const { size, most } = likenesses[like];
      const [now, kept] = [await gist(made, size), await gist(file, size)];
      const off = now.reduce((sum, value, at) => sum + Math.abs(value - kept[at]!), 0) / now.length;
      expect(off).toBeLessThan(most);
    },
  };
}
