import { rm } from 'node:fs/promises';
import { thumbnailBox, thumbnailImage } from '../operations/thumbnail-image.ts';
import { describeVideo, extractFrame } from '../video/extract-frame.ts';
import { noFacts, type KindOfFile } from './kind-of-file.ts';

/** The poster of a video is taken from here: past a black first frame, before anything is given away. */
const posterFraction = 0.1;

/** Described by its head, and by its packets where that is doubtful; the thumbnail is one of its frames. */
export const videoKind: KindOfFile = {
  async describe({ file, signal }, workshop) {
    const { info, length } = await workshop.inTurn(signal, () => describeVideo({ input: file, signal }, workshop));
    return { ...noFacts, width: info.width, height: info.height, durationMs: Math.round(length * 1_000) };
  },
  async writeThumbnail({ input, output, width, signal }, workshop) {
    const poster = `${output}.poster`;
    try {
      const at = { kind: 'fraction', value: posterFraction } as const;
      const box = thumbnailBox(width);
      await workshop.inTurn(signal, () => extractFrame({ input, output: poster, at, box, signal }, workshop));
      await workshop.images.run(thumbnailImage, { input: poster, output, width }, signal, workshop.owner);
    } finally {
      await rm(poster, { force: true });
    }
  },
};
