import { z } from 'zod';
import type { InputHandle, NodeHandles } from '../../../core/node-type/definition.ts';
import { placesIn } from '../http/request-text.ts';

/** What the handles follow from. Its fields are defined, and checked, in definition.ts. */
export const shapeOfSave = z.object({ name: z.string().default('') });

/** Places of a name that are no inputs: the end of the file's kind, and the execution, the same for each attempt of it. */
export const knownPlaces: ReadonlySet<string> = new Set(['extension', 'execution']);

/** What is saved, and an input for each name in the name of the file. */
export function handlesOfSave({ name }: z.output<typeof shapeOfSave>): NodeHandles {
  const names = new Set(placesIn(name).map((place) => place.name));
  const inputs: InputHandle[] = [
    { id: 'value', title: 'What is saved', dataType: 'any', required: true },
    ...[...names]
      .filter((each) => !knownPlaces.has(each) && each !== 'value')
      .map((each): InputHandle => ({ id: each, title: each, dataType: 'any', required: true, onlyByName: true })),
  ];
  return { inputs, outputs: [{ id: 'output', title: 'Where it is', dataType: 'text' }] };
}
