import type { FileType } from '../data-types/table.ts';
import { TerminalError } from '../errors/app-error.ts';
import type { ExecutionContext } from './executor.ts';
import { requireAssetInput } from './inputs.ts';
import type { ArrivedFile } from './required-files.ts';
import type { NodeInputs, OutputValue } from './values.ts';

/** An element of the lists on an input, and its number among them, from 0. */
export interface ElementFile extends ArrivedFile {
  readonly index: number;
}

/**
 * The files of all elements on an input that takes many, in order. What is missing in its place is left out, and the
 * numbers of the others stay, so that lists beside it go on fitting. Throws INPUT_MISSING where there is none,
 * NODE_DATA_INVALID where there are more than `most`, and TYPE_MISMATCH.
 */
export async function elementFiles(
  context: Pick<ExecutionContext<unknown>, 'inputs' | 'assets' | 'signal'>,
  handle: string,
  { kind, most, noun }: { readonly kind: FileType; readonly most: number; readonly noun: string },
): Promise<ElementFile[]> {
  const elements = placesOf(context.inputs, handle);
  if (elements.length > most) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `There are ${elements.length} ${noun}; up to ${most} are taken at once. Take a part of the list with Pick, or work in groups.`,
      { details: { handle, found: elements.length } },
    );
  }
  const files: ElementFile[] = [];
  for (const [index, element] of elements.entries()) {
    if (element === null) continue;
    const asset = await requireAssetInput({ ...context, inputs: { [handle]: element } }, handle, kind);
    files.push({ index, asset, path: await context.assets.localFile(asset) });
  }
  if (files.length > 0) return files;
  throw new TerminalError(
    'INPUT_MISSING',
    `There are no ${noun} at the input "${handle}". Connect one, or a list of them.`,
    { details: { handle } },
  );
}

/** The values beside those elements, one for each, or undefined where nothing is connected. Throws LIST_LENGTHS_DIFFER. */
export function valuesBeside(
  inputs: NodeInputs,
  handle: string,
  elements: string,
): readonly (OutputValue | null)[] | undefined {
  if (inputs[handle] === undefined) return undefined;
  const values = placesOf(inputs, handle);
  const count = placesOf(inputs, elements).length;
  if (values.length === count) return values;
  throw new TerminalError(
    'LIST_LENGTHS_DIFFER',
    `There are ${count} elements at "${elements}" and ${values.length} at "${handle}". Connect one for each.`,
    { details: { lengths: [count, values.length] } },
  );
}

/** All elements in the order of the edges, with those that are missing. */
function placesOf(inputs: NodeInputs, handle: string): readonly (OutputValue | null)[] {
  return Object.hasOwn(inputs, handle) ? [inputs[handle] ?? []].flat(2) : [];
}
