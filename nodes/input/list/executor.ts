import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { wrongFormat } from '../../../core/interface/input-value.ts';
import type { InputSettings } from '../../../core/interface/settings.ts';
import type { AssetReference, OutputValue } from '../../../core/node-type/values.ts';
import { isOfFiles, listNode } from './definition.ts';
import { readItem } from './items.ts';

/** Addresses that are looked up or fetched at the same time. */
const atOnce = 8;

/** Turns each line into a value, and each upload or address into an asset. Throws NODE_DATA_INVALID where an item does not fit. */
export const listExecutor = defineExecutor(listNode, async ({ config, assets, signal, progress }) => {
  const { type } = config;
  const items = config.items.map((item, index) => {
    const read = readItem(type, item);
    if ('value' in read) return read.value;
    throw new TerminalError('NODE_DATA_INVALID', `Item ${index + 1}: ${read.message}`, {
      details: { field: `items.${index}` },
    });
  });
  if (!isOfFiles(type)) return { output: items };
  const output: OutputValue[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    signal.throwIfAborted();
    const some = items.slice(from, from + atOnce);
    const found = await Promise.all(some.map((item) => assets.resolve(item as string, { kind: type, signal })));
    for (const [at, asset] of found.entries()) refuseWrong(asset, from + at, config.input);
    output.push(...found);
    progress(Math.floor((100 * output.length) / items.length));
  }
  return { output };
});

function refuseWrong(
  asset: AssetReference,
  index: number,
  accepted: Pick<InputSettings, 'formats' | 'maxBytes'> | undefined,
): void {
  const wrong = accepted === undefined ? null : wrongFormat(accepted, asset);
  if (wrong === null) return;
  throw new TerminalError('RUN_INPUT_INVALID', `Item ${index + 1} does not fit this input. ${wrong}`);
}
