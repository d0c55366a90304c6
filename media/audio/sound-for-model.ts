import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { MediaTools } from '../../core/node-type/media-tools.ts';
import { convertAudio } from '../operations/convert-audio.ts';

/** Of these, models take at least some; AIFF, CAF and Wave64 most of them refuse. */
const known: readonly string[] = [
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/flac',
  'audio/wav',
  'audio/webm',
];

/** A file as models take it: an audio file in a rare format becomes FLAC, which loses nothing; anything else stays. Throws AUDIO_*. */
export async function soundForModel(
  { file, mimeType }: { readonly file: string; readonly mimeType: string },
  { media, folder, signal }: { readonly media: MediaTools; readonly folder: string; readonly signal: AbortSignal },
): Promise<{ file: string; mimeType: string }> {
  if (!mimeType.startsWith('audio/') || known.includes(mimeType)) return { file, mimeType };
  // Under a name of its own: a node may have several.
  const output = join(folder, `${randomUUID()}.flac`);
  const asItIs = { format: 'flac', bitRate: 128_000, channels: null, sampleRate: null } as const;
  await media.run(convertAudio, { input: file, output, ...asItIs, signal });
  return { file: output, mimeType: 'audio/flac' };
}
