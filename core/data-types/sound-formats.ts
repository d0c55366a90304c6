/** How sounds can be written, as settings of nodes name it. */
export const soundFormats = ['mp3', 'aac', 'opus', 'flac', 'wav'] as const;
export type SoundFormat = (typeof soundFormats)[number];

/** What people call them. */
export const soundFormatLabels: Readonly<Record<SoundFormat, string>> = {
  mp3: 'MP3',
  aac: 'AAC (M4A)',
  opus: 'Opus (OGG)',
  flac: 'FLAC',
  wav: 'WAV',
};

/** Formats in which a bit rate counts; the others lose nothing. */
export const lossySoundFormats: readonly SoundFormat[] = ['mp3', 'aac', 'opus'];
