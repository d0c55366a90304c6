import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requireAssetInput } from '../../../core/node-type/inputs.ts';
import { extractFrame } from '../../../media/operations/extract-frame.ts';
import { readTimestamp } from '../../../core/node-type/timestamp.ts';
import { extractFrameNode } from './definition.ts';

/**
 * Throws TIMESTAMP_INVALID, TIMESTAMP_OUT_OF_RANGE, INPUT_MISSING, TYPE_MISMATCH,
 * and VIDEO_* where the video cannot be read.
 */
export const extractFrameExecutor = defineExecutor(extractFrameNode, async (context) => {
  const { config, assets, media, signal } = context;
  // First, so that a wrong timestamp does not cost a download.
  const { at, problem } = readTimestamp(config.timestamp);
  if (problem !== null) {
    throw new TerminalError(problem.code, problem.message, { details: { timestamp: config.timestamp } });
  }
  const video = await requireAssetInput(context, 'video_url', 'video');
  const output = join(assets.workDir, 'frame.png');
  const { note } = await media.run(extractFrame, { input: await assets.localFile(video), output, at, signal });
  return { output: await assets.save(output, { name: note === null ? 'frame' : `frame (${note})`, kind: 'image' }) };
});
