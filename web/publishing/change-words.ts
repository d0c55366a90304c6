import type { Change, NodeChange } from '../../core/graph/compare.ts';

interface ChangeLook {
  readonly word: string;
  /** A sign beside the color, for whoever does not see colors. */
  readonly sign: string;
  /** Of the lines around a node, as a CSS color. */
  readonly color: string;
}

/** How each kind of change is called and drawn. */
export const changeLooks: Readonly<Record<Change, ChangeLook>> = {
  added: { word: 'Added', sign: '+', color: 'var(--status-completed)' },
  removed: { word: 'Removed', sign: '−', color: 'var(--status-failed)' },
  changed: { word: 'Changed', sign: '≠', color: 'var(--status-running)' },
  moved: { word: 'Moved', sign: '↔', color: 'var(--type-text)' },
  same: { word: 'Unchanged', sign: '', color: 'var(--border-strong)' },
};

/** In words: a changed node may have been moved as well. */
export function changeWords({ change, isMoved }: NodeChange): string {
  const { word } = changeLooks[change];
  return change === 'changed' && isMoved ? `${word} and moved` : word;
}

/** What a value of a field reads like: text as it is, all else as JSON; null for no value. */
export function fieldText(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
