import type { PageIdentity } from './drafts.ts';

const lockPrefix = 'heddle.page.';
const previousKey = 'heddle.page';

/**
 * This page among others: a lock that it holds as long as it is there tells
 * other tabs that it is, and the tab remembers which page it showed last.
 * Without locks, as on plain http, no other page counts as open.
 */
export function createPageIdentity(id: string): PageIdentity {
  const tab = storageOf('sessionStorage');
  const previous = tab?.getItem(previousKey) ?? null;
  tab?.setItem(previousKey, id);
  // Absent on plain http, whatever its type says.
  const locks = navigator.locks as LockManager | undefined;
  void locks?.request(lockPrefix + id, () => new Promise(() => undefined)).catch(() => undefined);
  return {
    id,
    previous,
    open: async () => {
      const state = await locks?.query().catch(() => null);
      const names = (state?.held ?? []).map(({ name }) => name ?? '');
      return new Set(names.filter((name) => name.startsWith(lockPrefix)).map((name) => name.slice(lockPrefix.length)));
    },
  };
}

/** Storage of the browser; null where it keeps nothing, as with cookies turned off. */
export function storageOf(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}
