import { beforeEach, expect, test } from '@jest/globals';
import { createDrafts, hasDrafts, type Draft } from './drafts.ts';

/** As a browser keeps it, with room for so many characters. */
class MemoryStorage implements Storage {
  readonly entries = new Map<string, string>();
  private readonly room: number;

  constructor(room: number) {
    this.room = room;
  }

  get length(): number {
    return this.entries.size;
  }
  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    const others = [...this.entries].filter(([other]) => other !== key);
    if (others.reduce((sum, [, text]) => sum + text.length, value.length) > this.room)
      throw new Error('Quota exceeded.');
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
  clear(): void {
    this.entries.clear();
  }
}

let storage: MemoryStorage;
let openPages: Set<string>;
let nowMs: number;

beforeEach(() => {
  storage = new MemoryStorage(10_000);
  openPages = new Set();
  nowMs = 1_000_000;
});

const dayMs = 24 * 3_600_000;

function visit(id: string, { userId = 'ann', previous = null as string | null } = {}) {
  openPages.add(id);
  const page = { id, previous, open: async () => openPages };
  return createDrafts({ storage, userId, page, now: () => nowMs });
}

function draftOf(text: string, workflowId = 7): Draft {
  const node = { id: 'a', type: 'text', position: { x: 0, y: 0 }, data: { text } };
  return { workflowId, name: 'Mine', base: 3, graph: { nodes: [node], edges: [] }, sent: null };
}

test('a draft is found by the next visit, and by nobody once the server has it', async () => {
  expect(visit('one').keep(draftOf('x'))).toBe(true);
  openPages.delete('one');
  const next = visit('two');
  expect(await next.orphans()).toEqual([7]);
  expect(await next.adopt(7)).toEqual(draftOf('x'));
  // It is this page's now, until it is saved.
  expect(await visit('three').adopt(7)).toBeNull();
  next.forget(7);
  expect(hasDrafts(storage)).toBe(false);
});

test('a draft is never shown to another person of the same browser', async () => {
  visit('one').keep(draftOf('private'));
  openPages.delete('one');
  const other = visit('two', { userId: 'ann b' });
  expect([await other.orphans(), await other.adopt(7)]).toEqual([[], null]);
});

test('a tab that is open keeps its own; a reload of the same tab takes it although the browser counts it still', async () => {
  visit('one').keep(draftOf('x'));
  expect(await visit('two').adopt(7)).toBeNull();
  expect(await visit('three', { previous: 'one' }).adopt(7)).toEqual(draftOf('x'));
});

test('of two closed tabs the newer draft comes first, and the older one is not lost', async () => {
  visit('one').keep(draftOf('older'));
  nowMs += 1;
  visit('two').keep(draftOf('newer'));
  openPages.clear();
  const page = visit('three');
  expect((await page.adopt(7))?.graph.nodes[0]?.data['text']).toBe('newer');
  page.forget(7);
  expect((await page.adopt(7))?.graph.nodes[0]?.data['text']).toBe('older');
});

test('what finds no room is said to be not kept, and nothing older is left in its place', async () => {
  const page = visit('one');
  page.keep(draftOf('x'));
  expect(page.keep(draftOf('x'.repeat(20_000)))).toBe(false);
  expect(hasDrafts(storage)).toBe(false);
});

test('a draft ends after thirty days', async () => {
  visit('one').keep(draftOf('x'));
  openPages.clear();
  nowMs += 31 * dayMs;
  visit('two');
  expect(hasDrafts(storage)).toBe(false);
});

test('what somebody else wrote under such a name is passed over', async () => {
  storage.setItem('heddle.draft.ann 7 zero', '5\n{"workflowId":7}');
  storage.setItem('heddle.draft.ann 7 one', 'no JSON');
  expect(await visit('two').adopt(7)).toBeNull();
});
