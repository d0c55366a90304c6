import { describeAudio } from '../audio/describe-audio.ts';
import type { KindOfFile } from './kind-of-file.ts';

/** The length of an audio file is measured by its packets: what its head says of it is often wrong. */
export const audioKind: KindOfFile = {
  async describe({ file, signal }, workshop) {
    const { info, length } = await workshop.inTurn(signal, () => describeAudio({ input: file, signal }, workshop));
    const { channels, sampleRate } = info;
    return { width: null, height: null, durationMs: Math.round(length * 1_000), channels, sampleRate };
  },
  writeThumbnail: null,
};
