import type { XYPosition } from '@xyflow/react';
import { draggedResultKey } from '../../ui/dragged-result-key.ts';
import type { TakeInDeps } from './take-in.ts';

/**
 * Takes what was pasted or dropped onto the canvas; false where there is nothing to take. What reads it is loaded for the
 * first paste, not with the canvas.
 */
export function takeInLater(deps: TakeInDeps, data: DataTransfer, at: XYPosition): boolean {
  const taken = {
    files: [...data.files],
    text: data.getData('text/plain'),
    html: data.getData('text/html'),
    results: data.getData(draggedResultKey),
  };
  if (taken.files.length === 0 && [taken.text, taken.html, taken.results].every((text) => text.trim() === ''))
    return false;
  import('./take-in.ts').then(
    ({ takeIn }) => takeIn(deps, taken, at),
    () =>
      deps.notify({
        title: 'Nothing was added',
        description: 'Part of the app could not be loaded. Check your connection and try again.',
        kind: 'error',
      }),
  );
  return true;
}
