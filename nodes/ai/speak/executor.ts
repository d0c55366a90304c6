import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import { convertAudio } from '../../../media/operations/convert-audio.ts';
import { speakNode } from './definition.ts';

/** Content types of the formats that may be asked for. */
const mimeTypes = {
  mp3: 'audio/mpeg',
  aac: 'audio/mp4',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
} as const;
/** Speech needs no more. */
const bitRate = 128_000;

/** Throws INPUT_MISSING, TYPE_MISMATCH, PROVIDER_*, AUDIO_* and MEDIA_TOOL_MISSING. */
export const speakExecutor = defineExecutor(speakNode, async (context) => {
  const { config, inputs, assets, media, models, signal, idempotencyKey } = context;
  const text = textInput(inputs, 'text') ?? config.text;
  if (text.trim() === '') {
    throw new TerminalError('INPUT_MISSING', 'There is no text to say. Fill in "Text", or connect one.', {
      details: { field: 'text', handle: 'text' },
    });
  }
  const { voice, instructions, speed, format } = config;
  const { sound, ...facts } = await models.speak(
    {
      model: config.model,
      text,
      ...(voice.trim() !== '' && { voice: voice.trim() }),
      ...(instructions.trim() !== '' && { instructions }),
      ...(speed !== undefined && { speed }),
      format,
      folder: assets.workDir,
      idempotencyKey,
    },
    { signal },
  );
  // Paid by now, whatever becomes of the file.
  context.report?.({ usage: facts.usage ?? undefined, model: facts.model, provider: facts.provider });
  const spoken = await assets.save(sound.file, { name: 'speech', kind: 'audio' });
  if (spoken.mimeType === mimeTypes[format]) return { output: spoken };
  // The model gives another format than the one that was asked for.
  const output = join(assets.workDir, 'converted');
  const { extension } = await media.run(convertAudio, {
    input: await assets.localFile(spoken),
    output,
    format,
    bitRate,
    channels: null,
    sampleRate: null,
    signal,
  });
  return { output: await assets.save(output, { name: `speech.${extension}`, kind: 'audio' }) };
});
