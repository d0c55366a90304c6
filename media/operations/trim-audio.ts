import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { FramePosition } from '../../core/node-type/timestamp.ts';
import { describeAudio } from '../audio/describe-audio.ts';
import { soundTargetSchema, writeSound } from '../audio/write-sound.ts';
import { framePositionSchema } from '../frame-position.ts';
import { programOperation } from '../operation.ts';

/**
 * Keeps the samples from `from` up to `to`; the last frame of a video is the end here. Throws TIMESTAMP_OUT_OF_RANGE
 * and AUDIO_*.
 */
export const trimAudio = programOperation({
  name: 'trim audio',
  params: z.object({ from: framePositionSchema, to: framePositionSchema, ...soundTargetSchema }),
  async work({ input, from, to, ...request }, workshop) {
    const sound = await describeAudio({ input, signal: request.signal }, workshop);
    const [start, end] = [secondsOf(from, sound.length), secondsOf(to, sound.length)];
    const rate = sound.info.sampleRate;
    const samples = { start: Math.round(start * rate), end: Math.round(end * rate) };
    if (samples.end <= samples.start) {
      throw new TerminalError(
        'TIMESTAMP_OUT_OF_RANGE',
        `Nothing is left: the part would begin at ${shown(start)} and end at ${shown(end)}. Choose an end after the start.`,
        { details: { fromMs: Math.round(start * 1_000), toMs: Math.round(end * 1_000) } },
      );
    }
    // Up to the end nothing is cut: the length may be a guess.
    const last = to.kind === 'last' ? '' : `:end_sample=${samples.end}`;
    return writeSound(
      {
        ...request,
        input,
        sound,
        filters: [`atrim=start_sample=${samples.start}${last}`, 'asetpts=PTS-STARTPTS'],
        length: end - start,
      },
      workshop,
    );
  },
});

function secondsOf(at: FramePosition, length: number): number {
  const seconds = at.kind === 'last' ? length : at.kind === 'time' ? at.ms / 1_000 : at.value * length;
  // A millisecond of grace: durations are rounded when they are shown, and people copy what they see.
  if (seconds <= length + 0.001) return seconds;
  throw new TerminalError(
    'TIMESTAMP_OUT_OF_RANGE',
    `The audio file ends at ${shown(length)}, so there is nothing at ${shown(seconds)}. Choose a moment before that.`,
    { details: { durationMs: Math.round(length * 1_000), requestedMs: Math.round(seconds * 1_000) } },
  );
}

const shown = (seconds: number) => `${Math.round(seconds * 1_000) / 1_000} s`;
