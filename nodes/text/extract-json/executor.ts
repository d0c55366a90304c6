import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { jsonInput } from '../../../core/node-type/inputs.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { extractJsonNode } from './definition.ts';
import { readQuery } from './query.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and NODE_DATA_INVALID where the expression finds nothing or does not fit the data. */
export const extractJsonExecutor = defineExecutor(extractJsonNode, async ({ config, inputs }) => {
  const data = jsonInput(inputs, 'data');
  if (data === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "data". Connect JSON.', {
      details: { handle: 'data' },
    });
  }
  const query = readQuery(config.expression);
  if (typeof query === 'string') throw refusal(query);
  let found;
  try {
    found = query(data);
  } catch (error) {
    throw refusal((error as Error).message, error);
  }
  if (found === undefined && config.missing === 'fail') {
    throw refusal(
      `"${config.expression}" finds nothing in the data. Check the names, or let the node go on with null.`,
    );
  }
  return { output: asWanted(found ?? null, config.as) };
});

/** What was found as JSON, as text as inputs for text write it, or as a list: a single value is a list of one, null an empty one. */
function asWanted(found: JsonValue, as: 'json' | 'text' | 'list'): JsonValue {
  if (as === 'list') return Array.isArray(found) ? found : found === null ? [] : [found];
  if (as === 'json' || found === null || typeof found === 'string') return found;
  return typeof found === 'object' ? JSON.stringify(found, null, 2) : String(found);
}

function refusal(message: string, cause?: unknown): TerminalError {
  return new TerminalError('NODE_DATA_INVALID', message, { details: { field: 'expression' }, cause });
}
