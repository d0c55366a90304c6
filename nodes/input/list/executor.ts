import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import type { OutputValue } from '../../../core/node-type/values.ts';
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
    output.push(...(await Promise.all(some.map((item) => assets.resolve(item as string, { kind: type, signal })))));
    progress(Math.floor((100 * output.length) / items.length));
  }
  return { output };
});
