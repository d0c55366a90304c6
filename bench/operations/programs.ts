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
import { overlayVideo } from '../../media/operations/overlay-video.ts';
import { resizeVideo } from '../../media/operations/resize-video.ts';
import { speedVideo } from '../../media/operations/speed-video.ts';
import { subtitleVideo } from '../../media/operations/subtitle-video.ts';
import { trimAudio } from '../../media/operations/trim-audio.ts';
import { trimVideo } from '../../media/operations/trim-video.ts';
import { videoFromImages } from '../../media/operations/video-from-images.ts';

/** An operation that runs ffmpeg, on files that stay as they are. */
export interface Contest {
  readonly name: string;
  work(media: Media): Promise<unknown>;
  /** What a program without Heddle runs; default: the command lines that the operation runs. */
  readonly bare?: readonly (readonly string[])[];
}

const layerSchema = z.object(layerShape);
const run = promisify(execFile);
const { signal } = new AbortController();

/** Operations on a clip of so many seconds in 720p with sound, on its sound alone, and on pictures of it. */
export async function programContests({
  folder,
  ffmpeg,
  seconds,
}: {
  readonly folder: string;
  readonly ffmpeg: string;
  readonly seconds: number;
}): Promise<Contest[]> {
  const make = async (name: string, ...args: readonly string[]) => {
    const file = join(folder, name);
    await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args, file]);
    return file;
  };
  const pictures = ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=30:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
  const clip = await make('clip.mp4', ...pictures, ...sound, '-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac');
  const pictureFiles = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      make(`picture-${index}.png`, ...['-ss', String((index * seconds) / 12), '-i', clip, '-frames:v', '1']),
    ),
  );
  // Loudness needs something to measure for longer than a clip lasts.
  const talk = await make(
    'talk.wav',
    ...['-f', 'lavfi', '-i', `anoisesrc=color=pink:amplitude=0.2:sample_rate=48000:duration=${seconds * 12}`],
  );
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
  const bareFrame = join(folder, 'bare-frame.png');
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
        media.run(extractFrame, { input: clip, output, at: { kind: 'time', ms: Math.round(seconds * 900) }, signal }),
      [['-nostdin', '-v', 'error', '-y', '-ss', String(seconds * 0.9), '-i', clip, '-frames:v', '1', bareFrame]],
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
        ...{ input: clip, output, audio: talk, mode: 'mix', isDucked: true, gain: 0, startsAt: 0, signal },
      }),
    ),
    contest('extract audio as MP3', 'mp3', (media, output) =>
      media.run(extractAudio, { input: clip, output, format: 'mp3', bitRate: 160_000, signal }),
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
