import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInput, textInput } from '../../../core/node-type/inputs.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { requireDrawable, textBoxOf, textStyleOf } from '../../../core/node-type/text-fields.ts';
import { readTimeRange } from '../../../core/node-type/time-range.ts';
import { overlayVideo } from '../../../media/operations/overlay-video.ts';
import { overlayVideoNode } from './definition.ts';

/** Throws TIMESTAMP_*, INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for a text that cannot be drawn, IMAGE_* and VIDEO_*. */
export const overlayVideoExecutor = defineExecutor(overlayVideoNode, async (context) => {
  const { config, inputs, assets, media, signal } = context;
  // First, so that a wrong timestamp does not cost a download.
  const range = readTimeRange(config);
  const text = textInput(inputs, 'text') ?? config.text;
  requireDrawable(text);
  const { path } = await requiredFile(context, 'video', 'video');
  const image = await resolveAssetInput(context, 'image', 'image');
  const clip = await resolveAssetInput(context, 'clip', 'video');
  const { anchor, x, y, width, rotation, opacity } = config;
  const placed = { anchor, x, y, width, height: null, opacity };
  const output = join(assets.workDir, 'video.mp4');
  await media.run(overlayVideo, {
    input: path,
    output,
    ...range,
    fade: config.fade,
    overlay: {
      image: image === undefined ? null : { ...placed, file: await assets.localFile(image), rotation, blend: 'normal' },
      text: text.trim() === '' ? null : { text, box: textBoxOf(config), style: textStyleOf(config) },
    },
    clip: clip === undefined ? null : { ...placed, file: await assets.localFile(clip) },
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: 'video.mp4', kind: 'video' }) };
});
