import { createStore, type StoreApi } from 'zustand/vanilla';
import { z } from 'zod';
import { starsSchema } from '../../core/api/stars.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { storageOf } from '../store/page-identity.ts';

/** Results of a workflow that somebody has marked, by `starKeyOf`. */
export interface Stars {
  readonly state: StoreApi<ReadonlySet<string>>;
  /** Marks, and takes marks away where all of them are marked. It shows at once, and is sent as soon as that is possible. */
  toggle(keys: readonly string[]): void;
  /** Asks the server what is marked; sends first what it was not told yet. */
  refresh(): Promise<void>;
}

/** What the server was not told yet. */
interface Pending {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Where the marks of a workflow are kept. Both throw ApiError and give what is marked then. */
export interface StarsApi {
  load(): Promise<readonly string[]>;
  change(pending: Pending): Promise<readonly string[]>;
}

const nothing: Pending = { add: [], remove: [] };
/** An array is of a time when marks were kept in the browser alone: the server was told none of them. */
const keptSchema = z.union([
  z.object({ add: z.array(z.string()), remove: z.array(z.string()) }),
  z.array(z.string()).transform((add): Pending => ({ add, remove: [] })),
]);

/**
 * The marks of a workflow for one account. What the server was not told yet is kept in `storage`, so that it is not lost
 * without a connection; null, or full: it lasts as long as the page.
 */
export function createStars(api: StarsApi, storage: Storage | null, userId: string, workflowId: number): Stars {
  const name = `heddle.stars.${encodeURIComponent(userId)}.${workflowId}`;
  let inMemory = nothing;
  let known: readonly string[] = [];
  let underWay: Promise<void> | null = null;
  const state = createStore<ReadonlySet<string>>(() => marked());

  function pending(): Pending {
    const text = storage?.getItem(name) ?? null;
    if (text === null) return inMemory;
    try {
      return keptSchema.parse(JSON.parse(text));
    } catch {
      return nothing;
    }
  }

  function keep(next: Pending): void {
    const isEmpty = next.add.length === 0 && next.remove.length === 0;
    inMemory = next;
    try {
      if (isEmpty) storage?.removeItem(name);
      else storage?.setItem(name, JSON.stringify(next));
    } catch {
      // No room: unsaved work has it, and what stands there now is older.
      storage?.removeItem(name);
    }
  }

  function marked(): ReadonlySet<string> {
    const { add, remove } = pending();
    const removed = new Set(remove);
    return new Set([...known.filter((key) => !removed.has(key)), ...add]);
  }

  const show = () => state.setState(marked(), true);

  async function exchange(): Promise<void> {
    // What is toggled while something is under way is sent after it.
    for (let sent = pending(); sent.add.length + sent.remove.length > 0; sent = pending()) {
      known = await api.change(sent).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
        return known;
      });
      const { add, remove } = pending();
      // Of what was sent, all but what was toggled back meanwhile.
      keep({
        add: add.filter((key) => !sent.add.includes(key)),
        remove: remove.filter((key) => !sent.remove.includes(key)),
      });
      show();
    }
  }

  async function send(): Promise<void> {
    underWay ??= exchange()
      // Without a connection it stays, and is sent with the next mark or visit.
      .catch(() => undefined)
      .finally(() => (underWay = null));
    await underWay;
  }

  return {
    state,
    toggle: (keys) => {
      const stars = marked();
      const areAll = keys.every((key) => stars.has(key));
      const { add, remove } = pending();
      const rest = (list: readonly string[]) => list.filter((key) => !keys.includes(key));
      keep(
        areAll
          ? { add: rest(add), remove: [...rest(remove), ...keys] }
          : { add: [...rest(add), ...keys], remove: rest(remove) },
      );
      show();
      void send();
    },
    refresh: async () => {
      await send();
      const loaded = await api.load().catch(() => null);
      if (loaded === null) return;
      known = loaded;
      show();
    },
  };
}

/** Asking for the same again would be refused again: the workflow is gone, or the account may only look. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && [400, 403, 404, 422].includes(error.status);
}

const opened = new Map<string, Stars>();

/** One for each account and workflow, so that all parts of the page show the same. */
export function starsOf(client: Pick<ApiClient, 'request'>, userId: string | undefined, workflowId: number): Stars {
  const name = `${userId ?? ''} ${workflowId}`;
  const found = opened.get(name);
  if (found !== undefined) return found;
  const path = `/api/workflows/${workflowId}/stars`;
  const stars = createStars(
    {
      load: async () => (await client.request(path, { schema: starsSchema })).keys,
      change: async (body) => (await client.request(path, { method: 'POST', body, schema: starsSchema })).keys,
    },
    userId === undefined ? null : storageOf('localStorage'),
    userId ?? '',
    workflowId,
  );
  opened.set(name, stars);
  return stars;
}
