import { TerminalError } from '../../core/errors/app-error.ts';
import type { MediaLimits } from '../../core/limits.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { audioSubject } from '../subjects.ts';
import { audioInfo, createPacketSpan, showAudioHead, showAudioPackets, type AudioInfo } from './audio-info.ts';

/** What was found out about an audio file. */
export interface DescribedAudio {
  readonly info: AudioInfo;
  /** Seconds. */
  readonly length: number;
}

/** Lengths that differ by less than this, in seconds, say the same: encoders put some silence before and behind. */
const sameLength = 0.25;

/** What of a sound is decoded to see that it can be, in seconds. */
const tastedSeconds = 2;

/**
 * Asks for the head, holds it against the limits, measures the length and
 * decodes the beginning. Throws AUDIO_UNREADABLE and AUDIO_TOO_LONG.
 */
export async function describeAudio(
  { input, signal }: { input: string; signal: AbortSignal },
  { ffmpeg, limits }: { readonly ffmpeg: Ffmpeg; readonly limits: MediaLimits },
): Promise<DescribedAudio> {
  const subject = audioSubject;
  const info = audioInfo(await ffmpeg.probe({ input, show: showAudioHead, signal, subject }));
  if (info.streamCount > limits.maxVideoStreams) {
    throw new TerminalError(
      'AUDIO_UNREADABLE',
      `The audio file has ${info.streamCount} tracks; up to ${limits.maxVideoStreams} are taken. Save it with one.`,
    );
  }
  if (info.declaredLength !== null) checkLength(info.declaredLength, limits);
  const { streamIndex, declaredLength } = info;
  const length = Number(
    await ffmpeg.remembered({
      input,
      question: ['length of the sound', String(streamIndex)],
      find: async () => String(await measuredLength({ input, streamIndex, declaredLength, signal }, ffmpeg)),
    }),
  );
  checkLength(length, limits);
  return { info, length };
}

/** In seconds, of a sound that can be decoded. Throws AUDIO_UNREADABLE. */
async function measuredLength(
  {
    input,
    streamIndex,
    declaredLength,
    signal,
  }: Pick<AudioInfo, 'streamIndex' | 'declaredLength'> & { input: string; signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<number> {
  const subject = audioSubject;
  const span = createPacketSpan();
  let samples = 0;
  const [listed, tasted] = await Promise.allSettled([
    ffmpeg.list({ input, show: showAudioPackets(streamIndex), onLine: (line) => span.add(line), signal, subject }),
    ffmpeg.readSamples({
      ...{ input, streamIndex, rate: 8_000, seconds: tastedSeconds, signal },
      onSamples: (chunk) => {
        samples += chunk.byteLength;
      },
    }),
  ]);
  if (listed.status === 'rejected') throw listed.reason;
  const measured = span.length;
  // What the file says knows of silence that players leave out; where it does not fit what is there, it is a guess.
  const isTrue = declaredLength !== null && measured !== null && Math.abs(declaredLength - measured) <= sameLength;
  const length = isTrue ? declaredLength : measured;
  if (length === null)
    throw new TerminalError('AUDIO_UNREADABLE', 'The audio file holds no audio. Choose another one.');
  if (tasted.status === 'rejected') throw tasted.reason;
  if (samples === 0)
    throw new TerminalError('AUDIO_UNREADABLE', 'The audio file cannot be decoded. It may be damaged; save it again.');
  return length;
}

function checkLength(seconds: number, { maxAudioMs }: MediaLimits): void {
  if (seconds * 1_000 <= maxAudioMs) return;
  throw new TerminalError(
    'AUDIO_TOO_LONG',
    `The audio file takes ${Math.round(seconds)} s; up to ${maxAudioMs / 1_000} s are taken. Cut it.`,
  );
}
