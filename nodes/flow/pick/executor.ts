import { TerminalError } from '../../../core/errors/app-error.ts';
import { contentOf } from '../../../core/graph/cache-key.ts';
import { canonicalJson } from '../../../core/graph/canonical-json.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { listInput } from '../../../core/node-type/inputs.ts';
import type { OutputValue } from '../../../core/node-type/values.ts';
import { pickNode } from './definition.ts';
import { readIndices } from './indices.ts';
import { shuffled, sorted, valueAt } from './order.ts';

/** Throws INPUT_MISSING, and NODE_DATA_INVALID where an index leads to no element. */
export const pickExecutor = defineExecutor(pickNode, async ({ config, inputs }) => {
  const items = listInput(inputs, 'items');
  if (items === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "items". Connect a list.', {
      details: { handle: 'items' },
    });
  }
  return { output: pick(items) };

  function pick(list: readonly OutputValue[]): OutputValue[] {
    const { mode, count, by } = config;
    switch (mode) {
      case 'first':
        return list.slice(0, count);
      case 'last':
        return list.slice(-count);
      case 'every':
        return list.filter((_item, index) => index % count === 0);
      case 'range': {
        const { from, to } = config;
        return list.slice(from, to === -1 ? undefined : to + 1);
      }
      case 'index':
        return byIndex(list);
      case 'sort':
        return sorted(list, by, config.descending);
      case 'unique':
        return unique(list, by);
      case 'shuffle':
        return shuffled(list, config.seed);
    }
  }

  function byIndex(list: readonly OutputValue[]): OutputValue[] {
    const indices = readIndices(config.index);
    if (typeof indices === 'string') throw refusal(indices);
    return indices.map((index) => {
      const item = list.at(index);
      if (item !== undefined) return item;
      throw refusal(
        `The list has ${list.length} elements, so there is none at index ${index}. Choose one from 0 to ${list.length - 1}, or -1 for the last.`,
      );
    });
  }
});

function refusal(message: string): TerminalError {
  return new TerminalError('NODE_DATA_INVALID', message, { details: { field: 'index' } });
}

/** The first of equal ones; files are equal where their contents are. */
function unique(list: readonly OutputValue[], by: string): OutputValue[] {
  const seen = new Set<string>();
  return list.filter((item) => {
    const key = canonicalJson(contentOf(valueAt(item, by) ?? null));
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
