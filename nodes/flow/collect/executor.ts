import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { elementInputs, listInput, numberInput, textInput } from '../../../core/node-type/inputs.ts';
import type { NodeInputs, OutputValue } from '../../../core/node-type/values.ts';
import { collectNode } from './definition.ts';

/**
 * Throws TYPE_MISMATCH where something is no text or no score, INPUT_MISSING where there is no element to give, and
 * LIST_LENGTHS_DIFFER where there is not one score for each element.
 */
export const collectExecutor = defineExecutor(collectNode, async ({ config, inputs }) => {
  const elements = elementInputs(inputs, 'items');
  switch (config.mode) {
    case 'append':
      return { output: [...elements] };
    case 'join':
      return { output: elements.map((items) => textInput({ items }, 'items')).join(config.separator) };
    case 'count':
      return { output: elements.length };
    case 'first':
      return { output: present(elements[0]) };
    case 'best':
      return { output: bestOf(inputs) };
  }
});

/** The first of those with the highest score. An element and its score go together, whether it is there or not. */
function bestOf(inputs: NodeInputs): OutputValue {
  const elements = Object.hasOwn(inputs, 'items') ? [inputs['items'] ?? []].flat(2) : [];
  const scores = listInput(inputs, 'scores') ?? [];
  if (scores.length !== elements.length) {
    throw new TerminalError(
      'LIST_LENGTHS_DIFFER',
      `There are ${elements.length} elements and ${scores.length} scores. Connect one score for each element.`,
      { details: { lengths: [elements.length, scores.length] } },
    );
  }
  let best: { readonly element: OutputValue; readonly score: number } | undefined;
  for (const [index, element] of elements.entries()) {
    if (element === null || scores[index] === null) continue;
    const score = numberInput({ scores: scores[index]! }, 'scores')!;
    if (best === undefined || score > best.score) best = { element, score };
  }
  return present(best?.element);
}

function present(element: OutputValue | undefined): OutputValue {
  if (element !== undefined) return element;
  throw new TerminalError(
    'INPUT_MISSING',
    'There is no element to choose from: every list that comes in is empty. Connect one that has elements.',
    { details: { handle: 'items' } },
  );
}
