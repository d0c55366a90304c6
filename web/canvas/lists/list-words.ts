import type { NodeExecution, PartsProgress } from '../../../core/api/runs.ts';
import type { ChosenElements } from '../../../core/graph/each.ts';
import { isNodeFinished } from '../../../core/run/status.ts';
import { countOf } from '../../ui/format.ts';

/** The execution of a node that goes, or went, through a list. */
export type ListExecution = NodeExecution & { readonly parts: PartsProgress };

/** Whether an execution is that of a node that goes through a list, once its elements are known. */
export function isOfList(execution: NodeExecution | undefined): execution is ListExecution {
  return execution !== undefined && execution.parts !== null;
}

/** Whether it can still be paused, gone on with or canceled. */
export function isOpen({ status }: Pick<NodeExecution, 'status'>): boolean {
  return !isNodeFinished(status);
}

/** Whether elements that have failed can be gone through again at once, while the list goes on. */
export function canRetryNow({ status, parts }: Pick<ListExecution, 'status' | 'parts'>): boolean {
  return isOpen({ status }) && parts.failed > 0;
}

/** Elements that have no result and never will in this run. */
export function countMissing({ failed, skipped }: PartsProgress): number {
  return failed + skipped;
}

/** How far a list has come, such as `12 of 40 done, 2 failed, 4 running`. */
export function progressWords({ total, done, ...rest }: PartsProgress): string {
  const further = (['failed', 'running', 'waiting', 'skipped'] as const).flatMap((name) =>
    rest[name] === 0 ? [] : [`${rest[name].toLocaleString()} ${name}`],
  );
  return [`${done.toLocaleString()} of ${total.toLocaleString()} done`, ...further].join(', ');
}

/** That a list is paused, and by whom where that is known. */
export function pausedWords({ pausedBy }: Pick<PartsProgress, 'pausedBy'>): string {
  return pausedBy === undefined ? 'Paused' : `Paused by ${pausedBy}`;
}

/** More numbers than these are counted rather than named. */
const mostNamed = 5;

/** Which elements alone a run went through; null where it was all of them. */
export function onlyWords(only: ChosenElements | undefined): string | null {
  if (only === undefined) return null;
  if ('first' in only) return only.first === 1 ? 'Only the first element' : `Only the first ${only.first} elements`;
  const places = placesOf(only.at);
  if (places.length > mostNamed) return `Only ${countOf(places.length, 'element')} that were chosen`;
  return `Only ${places.length === 1 ? 'element' : 'elements'} ${places.map((place) => place + 1).join(', ')}`;
}

/** The place in its whole list, from 0, of an element that is at an index among those that a run went through. */
export function placeOf(index: number, only: ChosenElements | undefined): number {
  return only === undefined || 'first' in only ? index : (placesOf(only.at)[index] ?? index);
}

function placesOf(at: readonly number[]): readonly number[] {
  return [...new Set(at)].toSorted((one, other) => one - other);
}

/** As many places as a run takes. */
const mostPlaces = 1_000;
const span = /^(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$/;

/** Places from 0, of numbers as people write them: `5, 7-9`, counted from 1. What is wrong with them instead, in words. */
export function readElements(text: string): readonly number[] | string {
  const places = new Set<number>();
  for (const piece of text.split(/[,;]|\s+(?![-–\s])(?<![-–]\s)/)) {
    if (piece.trim() === '') continue;
    const found = span.exec(piece.trim());
    if (found === null) return 'Give numbers of elements, such as 5 or 2, 7-9.';
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (first < 1) return 'The first element has the number 1.';
    if (last < first) return `${first}-${last} goes backward. Give the smaller number first.`;
    if (last - first >= mostPlaces || places.size + last - first >= mostPlaces) {
      return `That is too many: choose up to ${mostPlaces.toLocaleString()} elements.`;
    }
    for (let number = first; number <= last; number += 1) places.add(number - 1);
  }
  return places.size === 0 ? 'Give the number of an element.' : placesOf([...places]);
}
