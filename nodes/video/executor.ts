import { TerminalError } from '../../core/errors/app-error.ts';
import { defineExecutor } from '../../core/node-type/executor.ts';
import { videoNode } from './definition.ts';

/** Turns the uploaded file or web address of the node into an asset; a file wins over an address. */
export const videoExecutor = defineExecutor(videoNode, async ({ config, assets, signal }) => {
  const source = (config.file?.url ?? config.video ?? '').trim();
  if (source === '') {
    throw new TerminalError('NODE_DATA_INVALID', 'No video yet: upload a file or give an address.');
  }
  return { output: await assets.resolve(source, { kind: 'video', signal }) };
});
