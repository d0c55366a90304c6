import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Media } from '../../media/media.ts';
import { addAudio } from '../../media/operations/add-audio.ts';
import { adjustAudio } from '../../media/operations/adjust-audio.ts';
import { animateVideo } from '../../media/operations/animate-video.ts';
import { convertAudio } from '../../media/operations/convert-audio.ts';
import { extractAudio } from '../../media/operations/extract-audio.ts';
import { joinVideos } from '../../media/operations/join-videos.ts';
import { resizeVideo } from '../../media/operations/resize-video.ts';
import { speedVideo } from '../../media/operations/speed-video.ts';
import { trimVideo } from '../../media/operations/trim-video.ts';

/** An operation that runs ffmpeg, on files that stay as they are. */
export interface Contest {
  readonly name: string;
  work(media: Media): Promise<unknown>;
}

const run = promisify(execFile);
const { signal } = new AbortController();

/**
 * Operations whose command lines can be run again: those that write files of their own for ffmpeg to read, and take them
 * away after it, are not among them. On a clip of so many seconds in 720p with sound, and on its sound alone.
 */
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
  // Loudness needs something to measure for longer than a clip lasts.
  const talk = await make(
    'talk.wav',
    ...['-f', 'lavfi', '-i', `anoisesrc=color=pink:amplitude=0.2:sample_rate=48000:duration=${seconds * 12}`],
  );
  const contest = (
    name: string,
    ending: string,
    work: (media: Media, output: string) => Promise<unknown>,
  ): Contest => ({
    name,
    work: (media) => work(media, join(folder, `made-${name.replaceAll(' ', '-')}.${ending}`)),
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
