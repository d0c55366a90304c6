/** A part of ffmpeg that some builds are made without: `filter:ass`, `encoder:libwebp_anim`. */
export type FfmpegPart = `${'filter' | 'encoder'}:${string}`;

/** What a node type cannot do without a part of ffmpeg. */
export interface FfmpegNeed {
  readonly part: FfmpegPart;
  /** After "cannot": `burn subtitles in`. */
  readonly to: string;
}

/** What nodes that write a video need. */
export const videoNeeds: readonly FfmpegNeed[] = [
  { part: 'encoder:libx264', to: 'encode video' },
  { part: 'encoder:aac', to: 'encode sound' },
];

/** What nodes that write an audio file need. */
export const soundNeeds: readonly FfmpegNeed[] = [
  { part: 'encoder:libmp3lame', to: 'write MP3' },
  { part: 'encoder:aac', to: 'write AAC' },
  { part: 'encoder:libopus', to: 'write Opus' },
  { part: 'encoder:flac', to: 'write FLAC' },
];

/** Says what cannot be done without the parts that are lacking; null where all that is needed is there. */
export function wordsOfLack(needs: readonly FfmpegNeed[], lacking: ReadonlySet<FfmpegPart>): string | null {
  const lost = needs.filter(({ part }) => lacking.has(part));
  if (lost.length === 0) return null;
  const actions = [...new Set(lost.map(({ to }) => to))].join(', or ');
  const parts = lost.map(({ part }) => `the ${part.replace(':', ' ')}`).join(' and ');
  return `The ffmpeg of this server cannot ${actions}: it lacks ${parts}.`;
}
