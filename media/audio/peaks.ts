/** The loudest sample of each stretch of a sound, 0-255. */
export interface PeakMeter {
  /** Little-endian 16-bit samples of interleaved channels; a chunk may end in the middle of one. */
  add(chunk: Buffer): void;
  peaks(): number[];
}

interface PeakMeterOptions {
  /** How many stretches of equal length. */
  readonly bars: number;
  /** Samples of all channels that are expected; what comes beyond counts to the last stretch. */
  readonly samples: number;
}

/** Measures a sound as it comes; keeps one number a stretch. */
export function createPeakMeter({ bars, samples }: PeakMeterOptions): PeakMeter {
  const loudest = new Float64Array(bars);
  const perBar = Math.max(1, samples / bars);
  let position = 0;
  /** The first byte of a sample whose second one has not come yet. */
  let half: number | null = null;

  function take(sample: number): void {
    const bar = Math.min(bars - 1, Math.floor(position / perBar));
    const loudness = Math.abs(sample);
    if (loudness > loudest[bar]!) loudest[bar] = loudness;
    position += 1;
  }

  return {
    add(chunk) {
      let offset = 0;
      if (half !== null && chunk.length > 0) {
        take(Buffer.from([half, chunk[0]!]).readInt16LE());
        half = null;
        offset = 1;
      }
      for (; offset + 1 < chunk.length; offset += 2) take(chunk.readInt16LE(offset));
      if (offset < chunk.length) half = chunk[offset]!;
    },
    peaks: () => Array.from(loudest, (loudness) => Math.min(255, Math.round((loudness / 32_768) * 255))),
  };
}
