import { createStore, type StoreApi } from 'zustand/vanilla';
import { z } from 'zod';
import { storageOf } from '../store/page-identity.ts';

/** Results of a workflow that somebody has marked, by `starKeyOf`. */
export interface Stars {
  readonly state: StoreApi<ReadonlySet<string>>;
  toggle(keys: readonly string[]): void;
}

const keptSchema = z.array(z.string());

/** More marks than anybody looks through; the oldest go first. */
const mostStars = 1_000;

/**
 * The marks of a workflow in this browser, for one account. `storage` null, or full: they last as long as the page.
 * Marking what is marked already takes the mark away, unless some of the others have none.
 */
export function createStars(storage: Storage | null, userId: string, workflowId: number): Stars {
  const key = `heddle.stars.${encodeURIComponent(userId)}.${workflowId}`;
  const state = createStore<ReadonlySet<string>>(() => new Set(read(storage, key)));
  return {
    state,
    toggle: (keys) => {
      // Another tab may have marked some since.
      const stars = new Set(storage === null ? state.getState() : read(storage, key));
      const areAll = keys.every((each) => stars.has(each));
      for (const each of keys) {
        stars.delete(each);
        if (!areAll) stars.add(each);
      }
      const kept = [...stars].slice(-mostStars);
      state.setState(new Set(kept), true);
      try {
        storage?.setItem(key, JSON.stringify(kept));
      } catch {
        // No room: unsaved work has it.
      }
    },
  };
}

function read(storage: Storage | null, key: string): readonly string[] {
  try {
    return keptSchema.parse(JSON.parse(storage?.getItem(key) ?? '[]'));
  } catch {
    return [];
  }
}

const opened = new Map<string, Stars>();

/** One for each account and workflow, so that all parts of the page show the same. */
export function starsOf(userId: string | undefined, workflowId: number): Stars {
  const name = `${userId ?? ''} ${workflowId}`;
  const stars =
    opened.get(name) ?? createStars(userId === undefined ? null : storageOf('localStorage'), userId ?? '', workflowId);
  opened.set(name, stars);
  return stars;
}
