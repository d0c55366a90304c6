import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { arrivedTimeRange } from '../../../core/node-type/time-range.ts';
import { trimVideo } from '../../../media/operations/trim-video.ts';
import { trimVideoNode } from './definition.ts';

/** Throws TIMESTAMP_INVALID, TIMESTAMP_OUT_OF_RANGE, INPUT_MISSING, TYPE_MISMATCH, and VIDEO_* where it cannot be read. */
export const trimVideoExecutor = defineExecutor(trimVideoNode, async (context) => {
  const { config, assets, media, signal, logger } = context;
  // First, so that a wrong timestamp does not cost a download.
  const range = arrivedTimeRange(context);
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, 'part.mp4');
  const { isCopied, obstacle } = await media.run(trimVideo, {
    input: path,
    output,
    ...range,
    isEncoded: config.encode,
    signal,
    onProgress: tellProgress(context),
  });
  logger.info({ isCopied, obstacle }, 'Trimmed a video');
  const note = isCopied ? 'Copied without any loss.' : `Encoded anew, as ${obstacle}.`;
  return { output: await assets.save(output, { name: 'part.mp4', kind: 'video' }), note };
});
