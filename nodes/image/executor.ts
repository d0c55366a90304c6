import { TerminalError } from '../../core/errors/app-error.ts';
import { defineExecutor } from '../../core/node-type/executor.ts';
import { imageNode } from './definition.ts';

/** Turns the uploaded file, web address or data URL of the node into an asset; a file wins over an address. */
export const imageExecutor = defineExecutor(imageNode, async ({ config, assets, signal }) => {
  const source = (config.file?.url ?? config.image ?? '').trim();
  if (source === '') {
    throw new TerminalError('NODE_DATA_INVALID', 'No picture yet: upload a file or give an address.');
  }
  return { output: await assets.resolve(source, { kind: 'image', signal }) };
});
