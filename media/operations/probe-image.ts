import { z } from 'zod';
import { imageOperation } from '../operation.ts';

/** Side of the image that a whole decode is reduced to: small, as nobody looks at it. */
const decodeCheckSide = 32;

/** Says what an image is; `decode` reads the whole of it, so that a truncated file is noticed. Writes nothing. */
export const probeImage = imageOperation({
  name: 'probe image',
  module: import.meta.url,
  params: z.object({ decode: z.boolean() }),
  maxCpuMs: 20_000,
  async draw({ input, decode }, images) {
    const source = await images.open(input);
    if (decode) {
      await source.open().resize(decodeCheckSide, decodeCheckSide, { fit: 'inside' }).raw().toBuffer();
    }
    return source.info;
  },
});
