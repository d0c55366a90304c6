import type { XYPosition } from '@xyflow/react';
import { droppedFiles } from '../../ui/dropped-files.ts';
import { draggedResultKey } from '../../ui/dragged-result-key.ts';
import type { AddFilesDeps } from './add-files.ts';
import type { TakeInDeps } from './take-in.ts';
import type { UploadTarget } from './uploads.ts';

/**
 * Takes what was pasted or dropped onto the canvas; false where there is nothing to take. What reads it is loaded for the
 * first paste, not with the canvas.
 */
export function takeInLater(deps: TakeInDeps, data: DataTransfer, at: XYPosition): boolean {
  const files = droppedFiles(data);
  const taken = {
    text: data.getData('text/plain'),
    html: data.getData('text/html'),
    results: data.getData(draggedResultKey),
  };
  if (
    files instanceof Array &&
    files.length === 0 &&
    [taken.text, taken.html, taken.results].every((text) => text.trim() === '')
  )
    return false;
  Promise.all([import('./take-in.ts'), files]).then(
    ([{ takeIn }, all]) => takeIn(deps, { ...taken, files: all }, at),
    () => sayMissing(deps),
  );
  return true;
}

/** Puts files into a field of a node; what does it is loaded for the first of them. See `fillField`. */
export function fillLater(deps: AddFilesDeps, into: UploadTarget, files: readonly File[]): void {
  import('./add-files.ts').then(
    ({ fillField }) => fillField(deps, into, files),
    () => sayMissing(deps),
  );
}

function sayMissing({ notify }: Pick<AddFilesDeps, 'notify'>): void {
  notify({
    title: 'Nothing was added',
    description: 'Part of the app could not be loaded. Check your connection and try again.',
    kind: 'error',
  });
}
