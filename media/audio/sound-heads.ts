import { open } from 'node:fs/promises';

/** How audio files begin that keep samples as they are, in Latin-1: what stands at the beginning, and from byte 8 on. */
const heads: readonly { readonly begin: string; readonly form: string; readonly mimeType: string }[] = [
  { begin: 'FORM', form: 'AIFF', mimeType: 'audio/aiff' },
  { begin: 'FORM', form: 'AIFC', mimeType: 'audio/aiff' },
  // WAV with sizes of eight bytes: what recorders write once a file may become larger than 4 GB.
  { begin: 'RF64', form: 'WAVE', mimeType: 'audio/wav' },
  { begin: 'BW64', form: 'WAVE', mimeType: 'audio/wav' },
  { begin: 'caff', form: 'desc', mimeType: 'audio/x-caf' },
  // The first of the identifiers of Wave64, which stand for the four letters of WAV.
  { begin: 'riff\x2e\x91\xcf\x11', form: '\xa5\xd6\x28\xdb\x04\xc1\x00\x00', mimeType: 'audio/x-w64' },
];

/** Tells AIFF, RF64, Core Audio and Wave64 files by their first 16 bytes; null for every other file. */
export async function soundTypeOf(file: string): Promise<string | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    const head = buffer.toString('latin1', 0, bytesRead);
    return heads.find(({ begin, form }) => head.startsWith(begin) && head.startsWith(form, 8))?.mimeType ?? null;
  } finally {
    await handle.close();
  }
}
