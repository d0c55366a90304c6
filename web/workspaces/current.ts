/*
 * In which workspace the page lists and makes things. A tab stays in its own; a new one begins where somebody was last.
 */

const key = 'heddle-workspace';

/** Lists and what is made name the workspace; whatever has an id is in the one that it is in. */
const placed =
  /^\/api\/(?:(?:assets|models|runs|usage|waits|workflows(?:\/import)?)|(?:budgets|provider-keys|secrets)(?:\/[^/?]+)?)(?=\?|$)/;

const listeners = new Set<() => void>();
let current = new URLSearchParams(globalThis.location?.search).get('workspaceId') ?? kept();

function kept(): string | null {
  try {
    return sessionStorage.getItem(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Null: one's own. */
export const currentWorkspace = (): string | null => current;

/** Goes to a workspace; null or '': to one's own. Says whether that is another one than before. */
export function enterWorkspace(id: string | null): boolean {
  if ((id ?? '') === (current ?? '')) return false;
  current = id;
  try {
    sessionStorage.setItem(key, id ?? '');
    localStorage.setItem(key, id ?? '');
  } catch {
    // It is forgotten with the page.
  }
  for (const tell of listeners) tell();
  return true;
}

/** Hears of every change; what it gives ends that. */
export function onWorkspace(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The path of a request, with the workspace where it takes one. */
export function inWorkspace(path: string): string {
  if ((current ?? '') === '' || !placed.test(path)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}workspaceId=${encodeURIComponent(current!)}`;
}
