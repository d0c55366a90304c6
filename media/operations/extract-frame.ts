import { z } from 'zod';
import { framePositionSchema } from '../frame-position.ts';
import { programOperation } from '../operation.ts';
import { extractFrame as writeFrame } from '../video/extract-frame.ts';

/**
 * Writes the frame shown at `at` as PNG, in sRGB. Time counts from the first
 * image; `last` is the last frame of the video. Throws TIMESTAMP_OUT_OF_RANGE and VIDEO_*.
 */
export const extractFrame = programOperation({
  name: 'extract frame',
  params: z.object({ at: framePositionSchema }),
  work: writeFrame,
});
