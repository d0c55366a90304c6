import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import type { TranscriptSegment } from '../../../core/node-type/media-models.ts';
import { soundForModel } from '../../../media/audio/sound-for-model.ts';
import { transcribeNode } from './definition.ts';

/**
 * The text; its segments in seconds, and as subtitles: both null where the model gives no times, or hears nothing. Throws
 * INPUT_MISSING, TYPE_MISMATCH, PROVIDER_*, and AUDIO_* where a rare format cannot be converted.
 */
export const transcribeExecutor = defineExecutor(transcribeNode, async (context) => {
  const { config, assets, media, models, signal, idempotencyKey } = context;
  const audio = await requireAssetInput(context, 'audio', 'audio');
  const { language, hint } = config;
  const file = { file: await assets.localFile(audio), mimeType: audio.mimeType };
  const { text, segments, ...facts } = await models.transcribe(
    {
      model: config.model,
      audio: await soundForModel(file, { media, folder: assets.workDir, signal }),
      ...(language !== '' && { language }),
      ...(hint.trim() !== '' && { hint }),
      idempotencyKey,
    },
    { signal },
  );
  context.report?.({ usage: facts.usage ?? undefined, model: facts.model, provider: facts.provider });
  if (segments === null || segments.length === 0) return { output: text, segments: null, subtitles: null };
  const written = join(assets.workDir, 'subtitles');
  await writeFile(written, srtOf(segments));
  return {
    output: text,
    segments: segments.map((segment) => ({ ...segment })),
    subtitles: await assets.save(written, { name: 'subtitles.srt', kind: 'file' }),
  };
});

/** As SubRip has it: numbered cues, times to the millisecond, an empty line between them. None ends before it starts. */
export function srtOf(segments: readonly TranscriptSegment[]): string {
  const cues = segments.filter(({ text }) => text.trim() !== '');
  return cues
    .map(({ start, end, text }, index) => {
      const lines = text.trim().replaceAll(/\r?\n(?:[ \t]*\r?\n)*/g, '\n');
      return `${index + 1}\n${timeOf(start)} --> ${timeOf(Math.max(start, end))}\n${lines}\n`;
    })
    .join('\n');
}

function timeOf(seconds: number): string {
  const ms = Math.max(0, Math.round(seconds * 1_000));
  const part = (value: number, digits: number) => String(value).padStart(digits, '0');
  const [hours, minutes, rest] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  return `${part(hours, 2)}:${part(minutes, 2)}:${part(rest, 2)},${part(ms % 1_000, 3)}`;
}
