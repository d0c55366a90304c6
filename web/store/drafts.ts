import { z } from 'zod';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';

/** A workflow as a person left it, until the server has it. */
export interface Draft {
  readonly workflowId: number;
  readonly name: string;
  /** The version on the server that it was made on. */
  readonly base: number;
  readonly graph: Graph;
  /** What was sent last without an answer: the server may have it. */
  readonly sent: Graph | null;
}

const draftSchema = z.object({
  workflowId: z.number().int(),
  name: z.string(),
  base: z.number().int(),
  graph: graphSchema,
  sent: graphSchema.nullable(),
});

/** The page that this code runs in, among those of other tabs and of earlier visits. */
export interface PageIdentity {
  readonly id: string;
  /** The page that was in this tab before; null where none was. */
  readonly previous: string | null;
  /** Pages that are open now. */
  open(): Promise<ReadonlySet<string>>;
}

/** Unsaved changes that this browser keeps, by workflow. */
export interface Drafts {
  /** Keeps a draft in place of the earlier one of this page; false where the browser has no room for it. */
  keep(draft: Draft): boolean;
  /** The server has it. */
  forget(workflowId: number): void;
  /** The newest draft of a workflow that no open page holds; from now on it is this page's. */
  adopt(workflowId: number): Promise<Draft | null>;
  /** Workflows with a draft that no open page holds. */
  orphans(): Promise<readonly number[]>;
}

/** Where drafts are kept, and whose they are. */
export interface DraftsDeps {
  /** Null where the browser keeps nothing. */
  readonly storage: Storage | null;
  /** A draft is found by the person who made it alone. */
  readonly userId: string;
  readonly page: PageIdentity;
  /** Milliseconds of the clock. */
  readonly now: () => number;
}

const prefix = 'heddle.draft.';
/** Nobody comes back to a change after this time; a shared computer is not to remember for ever. */
const longestMs = 30 * 24 * 3_600_000;
/** Drafts of one browser. Each is a workflow that could not be saved. */
const mostDrafts = 50;

interface Kept {
  readonly key: string;
  readonly user: string;
  readonly workflowId: number;
  readonly page: string;
  readonly atMs: number;
}

/** Unsaved changes in the browser's own storage, one entry for each workflow and page. */
export function createDrafts({ storage, userId, page, now }: DraftsDeps): Drafts {
  const user = encodeURIComponent(userId);
  const keyOf = (workflowId: number) => `${prefix}${user} ${workflowId} ${page.id}`;
  tidyUp();

  function all(): Kept[] {
    if (storage === null) return [];
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
    return keys.flatMap((key) => {
      if (!key.startsWith(prefix)) return [];
      const [owner = '', workflowId = '', pageId = ''] = key.slice(prefix.length).split(' ');
      const atMs = Number.parseInt(storage.getItem(key) ?? '', 10);
      return [{ key, user: owner, workflowId: Number(workflowId), page: pageId, atMs: Number.isNaN(atMs) ? 0 : atMs }];
    });
  }

  function tidyUp(): void {
    const newestFirst = all().toSorted((a, b) => b.atMs - a.atMs);
    for (const [index, { key, atMs }] of newestFirst.entries()) {
      if (index >= mostDrafts || now() - atMs > longestMs) storage?.removeItem(key);
    }
  }

  async function ownOrphans(): Promise<Kept[]> {
    const own = all().filter((kept) => kept.user === user && kept.page !== page.id);
    if (own.length === 0) return [];
    const open = await page.open();
    return own.filter((kept) => kept.page === page.previous || !open.has(kept.page));
  }

  function read(key: string): Draft | null {
    const text = storage?.getItem(key) ?? '';
    try {
      const parsed = draftSchema.safeParse(JSON.parse(text.slice(text.indexOf('\n'))));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }

  function keep(draft: Draft): boolean {
    try {
      storage?.setItem(keyOf(draft.workflowId), `${now()}\n${JSON.stringify(draft)}`);
      return storage !== null;
    } catch {
      // Full. What was kept before is older than what is there now: it would be a step back.
      storage?.removeItem(keyOf(draft.workflowId));
      return false;
    }
  }

  return {
    keep,
    forget: (workflowId) => storage?.removeItem(keyOf(workflowId)),
    adopt: async (workflowId) => {
      // What this page took over before, and could not send, is its own already.
      const own = all().filter((kept) => kept.user === user && kept.page === page.id);
      const found = [...own, ...(await ownOrphans())]
        .filter((kept) => kept.workflowId === workflowId)
        .toSorted((a, b) => b.atMs - a.atMs);
      for (const { key } of found) {
        const draft = read(key);
        if (draft === null) {
          storage?.removeItem(key);
          continue;
        }
        // It stands under its old name until this page has it.
        storage?.removeItem(key);
        if (!keep(draft)) storage?.setItem(key, `${now()}\n${JSON.stringify(draft)}`);
        return draft;
      }
      return null;
    },
    orphans: async () => [...new Set((await ownOrphans()).map(({ workflowId }) => workflowId))],
  };
}

/** Whether this browser holds a draft of anybody: only then is it worth to look closer. */
export function hasDrafts(storage: Storage | null): boolean {
  if (storage === null) return false;
  return Array.from({ length: storage.length }, (_, index) => storage.key(index)).some((key) =>
    key?.startsWith(prefix),
  );
}
