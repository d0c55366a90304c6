import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { audioInfo, showAudioHead } from '../audio/audio-info.ts';
import { createPeakMeter } from '../audio/peaks.ts';
import { programOperation } from '../operation.ts';
import { audioSubject } from '../subjects.ts';

/** Samples a second that are looked at: enough for a drawing, and an hour is read in seconds. */
const rate = 8_000;

/**
 * Writes how loud an audio file is as JSON, `{ "peaks": [0-255, …] }`: the loudest
 * sample in each of `bars` stretches of equal length. Throws AUDIO_UNREADABLE.
 */
export const measurePeaks = programOperation({
  name: 'measure peaks',
  params: z.object({
    bars: z.number().int().min(1).max(4_096),
    /** Length of the sound in ms. */
    durationMs: z.number().positive(),
  }),
  async work({ input, output, bars, durationMs, signal }, { ffmpeg, limits }) {
    const { streamIndex } = audioInfo(
      await ffmpeg.probe({ input, show: showAudioHead, signal, subject: audioSubject }),
    );
    const seconds = limits.maxAudioMs / 1_000;
    const meter = createPeakMeter({ bars, samples: (durationMs / 1_000) * rate * 2 });
    await ffmpeg.readSamples({ input, streamIndex, rate, seconds, onSamples: (chunk) => meter.add(chunk), signal });
    await writeFile(output, JSON.stringify({ peaks: meter.peaks() }));
  },
});
