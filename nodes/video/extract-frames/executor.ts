import { join } from 'node:path';
import type { z } from 'zod';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile } from '../../../core/node-type/required-files.ts';
import type { AssetReference } from '../../../core/node-type/values.ts';
import { extractFrame } from '../../../media/operations/extract-frame.ts';
import { findScenes } from '../../../media/operations/find-scenes.ts';
import { videoFacts } from '../../../media/operations/video-facts.ts';
import { extractFramesNode, maxFrames } from './definition.ts';

type Config = z.output<typeof extractFramesNode.configSchema>;

/** Finding scenes is a quarter of the work, where they are found. */
const shareOfScenes = 25;

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID where there would be too many frames, and VIDEO_*. */
export const extractFramesExecutor = defineExecutor(extractFramesNode, async (context) => {
  const { config, assets, media, signal, progress } = context;
  const { path: input } = await requiredFile(context, 'video', 'video');
  const facts = await media.run(videoFacts, { input, output: join(assets.workDir, 'facts.json'), signal });
  const length = facts.durationSeconds * 1_000;
  const begun = config.by === 'scenes' ? shareOfScenes : 0;
  const moments = config.by === 'scenes' ? await scenes() : momentsOf(config, length);
  if (moments.length > maxFrames) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `That would be ${moments.length} frames; up to ${maxFrames} are taken at once. ${adviceFor(config)}`,
      {
        details: { field: config.by === 'scenes' ? 'threshold' : 'seconds', frames: moments.length, limit: maxFrames },
      },
    );
  }
  const frames: AssetReference[] = [];
  for (const [index, ms] of moments.entries()) {
    const output = join(assets.workDir, `frame-${index}.png`);
    const at = ms === null ? ({ kind: 'last' } as const) : ({ kind: 'time', ms } as const);
    await media.run(extractFrame, { input, output, at, signal });
    const name = `frame ${String(index + 1).padStart(String(moments.length).length, '0')}`;
    frames.push(await assets.save(output, { name, kind: 'image' }));
    progress(Math.floor(begun + ((100 - begun) * frames.length) / moments.length));
  }
  const times = moments.map((ms) => Math.round(ms ?? length) / 1_000);
  return { output: frames, times };

  async function scenes(): Promise<readonly number[]> {
    const onProgress = (share: number) => progress(Math.floor(share * shareOfScenes));
    const output = join(assets.workDir, 'scenes.json');
    return (await media.run(findScenes, { input, output, threshold: config.threshold, signal, onProgress })).scenes;
  }
});

/** In ms from the first picture; null is the last one. */
function momentsOf({ by, count, seconds }: Config, length: number): readonly (number | null)[] {
  switch (by) {
    case 'count':
      return Array.from({ length: count }, (_none, index) => ((index + 0.5) / count) * length);
    case 'interval': {
      const step = seconds * 1_000;
      return Array.from({ length: Math.max(1, Math.ceil(length / step)) }, (_none, index) => index * step);
    }
    case 'ends':
      return [0, null];
    case 'scenes':
      return [];
  }
}

function adviceFor({ by }: Config): string {
  return by === 'scenes' ? 'Raise how much has to change.' : 'Choose a longer interval.';
}
