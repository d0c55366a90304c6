import { probeImage } from '../operations/probe-image.ts';
import { thumbnailImage } from '../operations/thumbnail-image.ts';
import { noFacts, type KindOfFile } from './kind-of-file.ts';

/** Images are decoded whole where they come from elsewhere. */
export const imageKind: KindOfFile = {
  async describe({ file, isForeign, signal }, { images, owner }) {
    const { width, height } = await images.run(probeImage, { input: file, decode: isForeign }, signal, owner);
    return { ...noFacts, width, height };
  },
  async writeThumbnail({ input, output, width, signal }, { images, owner }) {
    await images.run(thumbnailImage, { input, output, width }, signal, owner);
  },
};
