import { isStoredList, type JsonValue, type NodeInputs } from './values.ts';

/**
 * One element of a list that lies in a file, as a region keeps it: where it lies, and what is known of it without reading it.
 * It is read when its part is executed. Only processes hold these; what a user gives is never taken for one.
 */
export class StoredElement {
  readonly [name: string]: JsonValue;
  /** Of the file. */
  readonly sha256: string;
  /** Its bytes in the file; the end is the first one after it. */
  readonly start: number;
  readonly end: number;
  /** As `keyOf` of the element. */
  readonly key: string;
  /** As `labelOf` of the element. */
  readonly label: string | null;

  constructor(of: Pick<StoredElement, 'sha256' | 'start' | 'end' | 'key' | 'label'>) {
    this.sha256 = of.sha256;
    this.start = of.start;
    this.end = of.end;
    this.key = of.key;
    this.label = of.label;
  }
}

/** Whether some of these inputs has to be read from a file before an executor gets it. */
export function hasStored(inputs: NodeInputs): boolean {
  return Object.values(inputs).some(isStoredDeep);
}

/** Whether a value lies in a file, or an element of it does: lists lie within lists, and nowhere else. */
export function isStoredDeep(value: unknown): boolean {
  return value instanceof StoredElement || isStoredList(value) || (Array.isArray(value) && value.some(isStoredDeep));
}
