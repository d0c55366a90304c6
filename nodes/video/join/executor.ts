import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInputs } from '../../../core/node-type/inputs.ts';
import { tellProgress } from '../../../core/node-type/required-files.ts';
import { joinVideos, type JoinedPart } from '../../../media/operations/join-videos.ts';
import { joinVideosNode } from './definition.ts';

/** More open files with a decoder each would cost more memory than a worker has for one node. */
const maxParts = 50;

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for too many parts, TIMESTAMP_OUT_OF_RANGE and VIDEO_*. */
export const joinVideosExecutor = defineExecutor(joinVideosNode, async (context) => {
  const { config, assets, media, signal } = context;
  const parts = await resolveAssetInputs(context, 'videos', 'video');
  if (parts.length > maxParts) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `There are ${parts.length} videos; up to ${maxParts} are joined at once. Join them in groups.`,
      { details: { handle: 'videos', found: parts.length } },
    );
  }
  const paths: string[] = [];
  for (const part of parts) paths.push(await assets.localFile(part));
  const [input, ...others] = paths;
  if (input === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "videos". Connect videos.', {
      details: { handle: 'videos' },
    });
  }
  const output = join(assets.workDir, 'joined.mp4');
  const made = await media.run(joinVideos, {
    input,
    output,
    others,
    crossfade: config.crossfade,
    size: config.size,
    mode: config.mode,
    background: config.background,
    frameRate: config.frameRate,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: 'joined.mp4', kind: 'video' }), note: noteOf(made, config) };
});

const fittings = { pad: 'padded', cover: 'cut to fill', blur: 'padded with a blurred copy' } as const;

interface Made {
  readonly width: number;
  readonly height: number;
  readonly rate: string;
  readonly parts: readonly JoinedPart[];
}

/** By which rule the parts were made alike, and which of them it changed. */
function noteOf(
  { width, height, rate, parts }: Made,
  { size, mode, frameRate }: { size: 'first' | 'largest'; mode: keyof typeof fittings; frameRate: number | null },
): string {
  const [top = 0, bottom = 1] = rate.split('/').map(Number);
  const perSecond = Math.round((top / bottom) * 1_000) / 1_000;
  const rule = `${parts.length} ${parts.length === 1 ? 'part' : 'parts'} at ${width} × ${height}, as the ${size} one, and ${perSecond} fps${frameRate === null ? ', as the first one' : ''}.`;
  const changes = parts.flatMap((part, index) => {
    const isShaped = Math.abs(part.width / part.height - width / height) > 0.005;
    const isSized = part.width !== width || part.height !== height;
    const words = [
      ...(isSized ? [`${isShaped ? fittings[mode] : 'resized'} from ${part.width} × ${part.height}`] : []),
      ...(Math.abs(part.frameRate - perSecond) > 0.01 ? [`resampled from ${part.frameRate} fps`] : []),
      ...(!part.hasSound && parts.some(({ hasSound }) => hasSound) ? ['silent'] : []),
    ];
    return words.length === 0 ? [] : [`Part ${index + 1}: ${words.join(', ')}.`];
  });
  return [rule, ...changes].join('\n');
}
