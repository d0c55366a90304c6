import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { layerShape } from '../../core/node-type/layer-fields.ts';
import { textStyleSchema } from '../../core/node-type/text-fields.ts';
import type { Media } from '../../media/media.ts';
import { addAudio } from '../../media/operations/add-audio.ts';
import { adjustAudio } from '../../media/operations/adjust-audio.ts';
import { animateImages } from '../../media/operations/animate-images.ts';
import { animateVideo } from '../../media/operations/animate-video.ts';
import { convertAudio } from '../../media/operations/convert-audio.ts';
import { extractAudio } from '../../media/operations/extract-audio.ts';
import { extractFrame } from '../../media/operations/extract-frame.ts';
import { findScenes } from '../../media/operations/find-scenes.ts';
import { joinAudio } from '../../media/operations/join-audio.ts';
import { joinVideos } from '../../media/operations/join-videos.ts';
import { measurePeaks } from '../../media/operations/measure-peaks.ts';
import { overlayVideo } from '../../media/operations/overlay-video.ts';
import { resizeVideo } from '../../media/operations/resize-video.ts';
import { speedVideo } from '../../media/operations/speed-video.ts';
import { subtitleVideo } from '../../media/operations/subtitle-video.ts';
import { trimAudio } from '../../media/operations/trim-audio.ts';
import { trimVideo } from '../../media/operations/trim-video.ts';
import { videoFromImages } from '../../media/operations/video-from-images.ts';

/** An operation that runs ffmpeg, or ffmpeg and an image process, on files that stay as they are. */
export interface Contest {
  readonly name: string;
  work(media: Media): Promise<unknown>;
  /** What a program without Heddle runs; default: the command lines that the operation runs. */
  readonly bare?: readonly (readonly string[])[];
}

const layerSchema = z.object(layerShape);
const run = promisify(execFile);
const { signal } = new AbortController();

/** Of the film in 1080p that is worked on where pictures are copied, or one is looked for: so long that its start decides nothing. */
const filmSeconds = 60;

/** Of the sound: two minutes. */
const talkSeconds = 120;

/** What contests work on. */
export interface Material {
  readonly folder: string;
  /** Some seconds of 720p with sound: what is encoded. */
  readonly clip: string;
  /** A minute of 1080p with sound. */
  readonly film: string;
  /** Two minutes of noise, as loud as speech. */
  readonly talk: string;
  /** Twelve pictures of the clip. */
  readonly pictures: string[];
  readonly seconds: number;
}

/** Makes files to work on; `seconds` is the length of the clip. */
export async function makeMaterial({
  folder,
  ffmpeg,
  seconds,
}: {
  readonly folder: string;
  readonly ffmpeg: string;
  readonly seconds: number;
}): Promise<Material> {
  const make = async (name: string, ...args: readonly string[]) => {
    const file = join(folder, name);
    await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args, file]);
    return file;
  };
  const pictures = (size: string, length: number) => [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=${size}:rate=30:duration=${length}`,
  ];
  const sound = (length: number) => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${length}`];
  const encoding = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const clip = await make('clip.mp4', ...pictures('1280x720', seconds), ...sound(seconds), ...encoding);
  // Ten seconds, six times.
  const part = await make(
    'film-part.mp4',
    ...pictures('1920x1080', filmSeconds / 6),
    ...sound(filmSeconds / 6),
    ...encoding,
  );
  return {
    folder,
    clip,
    seconds,
    film: await make('film.mp4', '-stream_loop', '5', '-i', part, '-c', 'copy'),
    talk: await make(
      'talk.wav',
      ...['-f', 'lavfi', '-i', `anoisesrc=color=pink:amplitude=0.2:sample_rate=48000:duration=${talkSeconds}`],
    ),
    pictures: await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        make(`picture-${index}.png`, ...['-ss', String((index * seconds) / 12), '-i', clip, '-frames:v', '1']),
      ),
    ),
  };
}

/** Operations on videos and sounds. */
export function programContests({ folder, clip, film, talk, pictures: pictureFiles, seconds }: Material): Contest[] {
  const contest = (
    name: string,
    ending: string,
    work: (media: Media, output: string) => Promise<unknown>,
    bare?: Contest['bare'],
  ): Contest => ({
    name,
    ...(bare !== undefined && { bare }),
    work: (media) => work(media, join(folder, `made-${name.replaceAll(' ', '-')}.${ending}`)),
  });
  const bareFile = (name: string) => join(folder, `bare-${name}`);
  // As Heddle does it for all programs: with two threads, so that the work does not depend on the machine.
  const quiet = ['-nostdin', '-v', 'error', '-y', '-threads', '2'];
  const layer = layerSchema.parse({});
  const style = textStyleSchema.parse({
    ...{
      size: 0.08,
      color: '#ffffff',
      family: 'sans',
      isBold: true,
      isItalic: false,
      sizing: 'shrink',
      align: 'center',
    },
    ...{ place: 'bottom', lineSpacing: 1, outline: 0.08, outlineColor: '#000000', background: 'none' },
    ...{ backgroundColor: '#000000', padding: 0 },
  });
  const half = { kind: 'fraction', value: 0.25 } as const;
  const end = { kind: 'fraction', value: 0.75 } as const;
  return [
    contest('trim video, encoded', 'mp4', (media, output) =>
      media.run(trimVideo, { input: clip, output, from: half, to: end, isEncoded: true, signal }),
    ),
    contest('resize video to 9:16', 'mp4', (media, output) =>
      media.run(resizeVideo, {
        ...{ input: clip, output, mode: 'cover', width: null, height: null, aspect: 9 / 16, place: 'center' },
        ...{ background: '#000000', frameRate: null, signal },
      }),
    ),
    contest('join two videos', 'mp4', (media, output) =>
      media.run(joinVideos, {
        ...{ input: clip, output, others: [clip], crossfade: 0, size: 'first', mode: 'pad', background: '#000000' },
        ...{ frameRate: null, signal },
      }),
    ),
    contest('speed of a video', 'mp4', (media, output) =>
      media.run(speedVideo, { input: clip, output, factor: 2, keepsSound: true, signal }),
    ),
    contest('overlay video with an image and a text', 'mp4', (media, output) =>
      media.run(overlayVideo, {
        ...{ input: clip, output, from: half, to: end, fade: 0.5, clip: null, signal },
        overlay: {
          image: { file: pictureFiles[0]!, ...layer, anchor: 'top right', width: 25 },
          text: { text: 'A text of two words', box: { x: 0.05, y: 0.05, width: 0.9, height: 0.9 }, style },
        },
      }),
    ),
    contest('subtitles burned in', 'mp4', (media, output) =>
      media.run(subtitleVideo, {
        ...{ input: clip, output, signal },
        cues: Array.from({ length: Math.floor(seconds) }, (_, at) => ({ from: at, to: at + 0.8, text: `Line ${at}` })),
        how: {
          ...{ kind: 'burn', family: 'sans', isBold: false, size: 0.06, margin: 0.05, color: '#ffffff' },
          ...{ outline: 0.08, outlineColor: '#000000', hasBox: false, boxColor: '#000000', place: 'bottom' },
        },
      }),
    ),
    contest('video from images, in groups', 'mp4', (media, output) =>
      media.run(videoFromImages, {
        ...{ input: pictureFiles[0]!, output, width: 1280, height: 720, transition: 'fade', transitionSeconds: 0.3 },
        ...{ motion: 'none', frameRate: 30, audio: talk, length: 'images', atOnce: 6, signal },
        pictures: pictureFiles.map((file) => ({ file, seconds: Math.max(0.5, seconds / 8) })),
      }),
    ),
    contest('animate images as GIF', 'gif', (media, output) =>
      media.run(animateImages, {
        ...{ input: pictureFiles[0]!, output, pictures: pictureFiles, width: 1280, height: 720, eachMs: 100 },
        ...{ format: 'gif', isLooped: true, signal },
      }),
    ),
    contest('find scenes', 'json', (media, output) =>
      media.run(findScenes, { input: clip, output, threshold: 0.3, signal }),
    ),
    contest(
      'extract a frame',
      'png',
      (media, output) =>
        media.run(extractFrame, { input: film, output, at: { kind: 'time', ms: filmSeconds * 900 }, signal }),
      [
        [
          ...quiet,
          '-ss',
          String(filmSeconds * 0.9),
          '-i',
          film,
          '-frames:v',
          '1',
          '-pix_fmt',
          'rgb24',
          bareFile('frame.png'),
        ],
      ],
    ),
    contest(
      'thumbnail of a video',
      'webp',
      (media, output) => media.writeThumbnail({ input: film, mimeType: 'video/mp4', output, width: 320, signal }),
      [
        [
          ...[...quiet, '-ss', String(filmSeconds * 0.1), '-i', film, '-frames:v', '1', '-vf', 'scale=320:-2'],
          ...['-c:v', 'libwebp', '-quality', '90', bareFile('thumbnail.webp')],
        ],
      ],
    ),
    contest(
      'measure peaks',
      'json',
      (media, output) =>
        media.run(measurePeaks, { input: talk, output, bars: 1_000, durationMs: talkSeconds * 1_000, signal }),
      [[...quiet, '-i', talk, '-vn', '-ac', '2', '-ar', '8000', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1']],
    ),
    contest('trim audio', 'mp3', (media, output) =>
      media.run(trimAudio, { input: talk, output, from: half, to: end, format: 'mp3', bitRate: 160_000, signal }),
    ),
    contest('join audio with a crossfade', 'mp3', (media, output) =>
      media.run(joinAudio, {
        ...{ input: talk, output, others: [talk], crossfade: 1, format: 'mp3', bitRate: 160_000, signal },
      }),
    ),
    contest('add audio, pictures copied', 'mp4', (media, output) =>
      media.run(addAudio, {
        ...{ input: film, output, audio: talk, mode: 'mix', isDucked: true, gain: 0, startsAt: 0, signal },
      }),
    ),
    contest('extract audio as MP3', 'mp3', (media, output) =>
      media.run(extractAudio, { input: film, output, format: 'mp3', bitRate: 160_000, signal }),
    ),
    contest('convert audio to Opus', 'opus', (media, output) =>
      media.run(convertAudio, {
        ...{ input: talk, output, format: 'opus', bitRate: 128_000, channels: null, sampleRate: null, signal },
      }),
    ),
    contest('adjust audio to -16 LUFS', 'mp3', (media, output) =>
      media.run(adjustAudio, {
        ...{ input: talk, output, loudness: -16, maxPeak: -1.5, gain: 0, fadeIn: 1, fadeOut: 1 },
        ...{ silence: 'keep', threshold: -50, pause: 0.5, format: 'mp3', bitRate: 160_000, signal },
      }),
    ),
    contest('animate as WebP', 'webp', (media, output) =>
      media.run(animateVideo, {
        input: clip,
        output,
        format: 'webp',
        width: 320,
        frameRate: 10,
        isLooped: true,
        signal,
      }),
    ),
  ];
}
