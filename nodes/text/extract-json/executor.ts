import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { jsonInput } from '../../../core/node-type/inputs.ts';
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
  return { output: found ?? null };
});

function refusal(message: string, cause?: unknown): TerminalError {
  return new TerminalError('NODE_DATA_INVALID', message, { details: { field: 'expression' }, cause });
}
