import { lossySoundFormats, soundFormats, type SoundFormat } from '../../core/data-types/sound-formats.ts';

interface SoundEncoder {
  readonly extension: string;
  /** Encoder and container, as ffmpeg's options. */
  readonly options: readonly string[];
  /** Sample rates that the format takes, in Hz, ascending; null: any. */
  readonly rates: readonly number[] | null;
  readonly maxChannels: number;
}

const encoders: Readonly<Record<SoundFormat, SoundEncoder>> = {
  mp3: {
    extension: 'mp3',
    options: ['-c:a', 'libmp3lame', '-f', 'mp3'],
    rates: [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000],
    maxChannels: 2,
  },
  aac: {
    extension: 'm4a',
    // The head comes first, so that a player begins before all is there.
    options: ['-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod'],
    rates: [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000],
    maxChannels: 8,
  },
  opus: {
    extension: 'opus',
    options: ['-c:a', 'libopus', '-f', 'ogg'],
    rates: [48_000],
    maxChannels: 2,
  },
  flac: { extension: 'flac', options: ['-c:a', 'flac', '-f', 'flac'], rates: null, maxChannels: 8 },
  wav: { extension: 'wav', options: ['-c:a', 'pcm_s16le', '-f', 'wav'], rates: null, maxChannels: 8 },
};

/** How the samples of a sound are laid out. */
export interface SoundShape {
  readonly channels: number;
  /** Samples a second of one channel. */
  readonly sampleRate: number;
}

/** The ending of the names of such files, without a dot. */
export function soundExtension(format: SoundFormat): string {
  return encoders[format].extension;
}

/** The nearest shape that a format can hold: no more channels than it takes, the next higher rate where there is one. */
export function fittingShape(format: SoundFormat, { channels, sampleRate }: SoundShape): SoundShape {
  const { rates, maxChannels } = encoders[format];
  const rate = rates === null ? sampleRate : (rates.find((taken) => taken >= sampleRate) ?? rates.at(-1)!);
  return { channels: channels > maxChannels ? 2 : channels, sampleRate: rate };
}

/**
 * Options of ffmpeg that write a sound of this shape; `bitRate` in bits a second counts where something is lost. `from` is the
 * codec that it has: samples of more than 16 bits keep them in a WAV.
 */
export function soundOptions(format: SoundFormat, shape: SoundShape, bitRate: number, from = ''): string[] {
  const { channels, sampleRate } = fittingShape(format, shape);
  const deep = /^pcm_(s24|s32|f32|f64)/.exec(from)?.[1];
  return [
    ...encoders[format].options,
    ...(format === 'wav' && deep !== undefined ? ['-c:a', `pcm_${deep}le`] : []),
    ...['-ac', String(channels), '-ar', String(sampleRate)],
    ...(lossySoundFormats.includes(format) ? ['-b:a', String(bitRate)] : []),
  ];
}

/** The format that a track is kept in, by its codec; null for one that is only read. */
export function formatOfCodec(codec: string): SoundFormat | null {
  if (codec === 'vorbis') return 'opus';
  if (codec.startsWith('pcm_')) return 'wav';
  return soundFormats.find((format) => format === codec) ?? null;
}
