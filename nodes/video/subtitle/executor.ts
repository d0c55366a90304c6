import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Cue } from '../../../core/node-type/cues.ts';
import { defineExecutor, type ExecutionContext } from '../../../core/node-type/executor.ts';
import { jsonInput, resolveAssetInput, textInput } from '../../../core/node-type/inputs.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { subtitleVideo } from '../../../media/operations/subtitle-video.ts';
import { readCues } from '../../../media/subtitles/read-cues.ts';
import { subtitleVideoNode } from './definition.ts';

type Config = z.output<typeof subtitleVideoNode.configSchema>;

/** Hours of talk take less than a tenth of it. */
const maxBytes = 2_000_000;

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for what are no subtitles, MEDIA_TOOL_MISSING and VIDEO_*. */
export const subtitleVideoExecutor = defineExecutor(subtitleVideoNode, async (context) => {
  const { config, assets, media, signal } = context;
  // First, so that wrong subtitles do not cost a download.
  const cues = await cuesOf(context);
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, 'video.mp4');
  await media.run(subtitleVideo, {
    input: path,
    output,
    cues: [...cues],
    how: howOf(config),
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: 'video.mp4', kind: 'video' }) };
});

function howOf(config: Config) {
  if (config.how === 'track') return { kind: 'track' as const, language: config.language };
  const { family, color, outlineColor, boxColor, vertical } = config;
  return {
    ...{ kind: 'burn' as const, family, color, outlineColor, boxColor, place: vertical },
    isBold: config.bold,
    size: config.size / 100,
    margin: config.margin / 100,
    outline: config.outline / 100,
    hasBox: config.box,
  };
}

/** Segments win over a file, and that over a text. */
async function cuesOf(context: ExecutionContext<Config>): Promise<readonly Cue[]> {
  const { inputs, config, assets } = context;
  const segments = jsonInput(inputs, 'segments');
  if (segments !== undefined) return cuesIn(segments);
  const file = await resolveAssetInput(context, 'file', 'file');
  if (file !== undefined) {
    const path = await assets.localFile(file);
    const { size } = await stat(path);
    if (size > maxBytes) throw invalid(`The subtitle file has ${size} bytes; up to ${maxBytes} are read.`);
    return readCues(await readFile(path, 'utf8'));
  }
  return readCues(textInput(inputs, 'subtitles') ?? config.subtitles);
}

const seconds = z.coerce.number().min(0).max(360_000);
const segmentSchema = z.object({ start: seconds, end: seconds, text: z.string() });

/** As transcripts have them: a list, or one in a field `segments`. */
function cuesIn(value: JsonValue): Cue[] {
  const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['segments'] : value;
  const read = z.array(segmentSchema).max(20_000).safeParse(inner);
  if (!read.success) {
    const where = read.error.issues[0]?.path.join('.') ?? '';
    throw invalid(
      `What is connected to the input "segments" is not a list of segments${where === '' ? '' : ` (see ${where})`}. Connect a list of { "start", "end", "text" } with times in seconds.`,
    );
  }
  const backward = read.data.findIndex(({ start, end }) => end < start);
  if (backward >= 0) throw invalid(`Segment ${backward + 1} ends before it begins. Give it an end after its start.`);
  return read.data
    .map(({ start, end, text }) => ({ from: start, to: end, text: text.trim() }))
    .filter(({ from, to, text }) => text !== '' && to > from);
}

function invalid(message: string): TerminalError {
  return new TerminalError('NODE_DATA_INVALID', message, { details: { handle: 'segments' } });
}
