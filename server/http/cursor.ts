import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Page, PageCursor } from '../../db/page-cursor.ts';

/** Names the list and its order, so that a cursor of another list is refused instead of misread. */
export interface CursorKind {
  readonly list: string;
  readonly value: z.ZodType<string>;
  readonly id: z.ZodType<string>;
}

const exactTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);

/** Cursors of lists that are ordered by a timestamp and a UUID. */
export function timeCursor(list: string): CursorKind {
  return { list, value: exactTime, id: z.uuid() };
}

/** Cursors of the parts of a run, ordered by their region and the place of their element. */
export function partCursor(runId: string): CursorKind {
  return { list: `parts/${runId}`, value: z.uuid(), id: z.string().regex(/^\d{1,9}$/) };
}

/** Cursors of the rows of a batch, ordered by their number. */
export function rowCursor(batchId: string): CursorKind {
  const number = z.string().regex(/^[1-9]\d{0,8}$/);
  return { list: `rows/${batchId}`, value: number, id: number };
}

/** Cursors of the published versions of a workflow, ordered by their number. */
export function versionCursor(workflowId: number): CursorKind {
  const number = z.string().regex(/^[1-9]\d{0,8}$/);
  return { list: `versions/${workflowId}`, value: number, id: number };
}

/** Cursors of the list of files. */
export function assetCursor(sort: 'createdAt' | 'bytes'): CursorKind {
  const value = sort === 'createdAt' ? exactTime : z.string().regex(/^\d{1,16}$/);
  return { list: `assets/${sort}`, value, id: z.uuid() };
}

/** Cursors of the workflow list. */
export function workflowCursor(sort: 'updatedAt' | 'name'): CursorKind {
  return {
    list: `workflows/${sort}`,
    value: sort === 'updatedAt' ? exactTime : z.string().max(255),
    id: z.string().regex(/^[1-9]\d{0,9}$/),
  };
}

/** The opaque text that stands for a place in a list. */
export function encodeCursor(kind: CursorKind, cursor: PageCursor): string {
  return Buffer.from(JSON.stringify([kind.list, cursor.value, cursor.id])).toString('base64url');
}

/** The place that a client's cursor stands for. Throws CURSOR_INVALID. */
export function decodeCursor(kind: CursorKind, text: string | undefined): PageCursor | null {
  if (text === undefined) return null;
  try {
    const schema = z.tuple([z.literal(kind.list), kind.value, kind.id]);
    const [, value, id] = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { value, id };
  } catch {
    throw new TerminalError(
      'CURSOR_INVALID',
      'The cursor does not belong to this list. Start again without one, or use nextCursor as it was given.',
    );
  }
}

/** A page as the API answers it. */
export function pageBody<Item>(
  kind: CursorKind,
  page: Page<Item>,
): { items: readonly Item[]; nextCursor: string | null } {
  return { items: page.items, nextCursor: page.next === null ? null : encodeCursor(kind, page.next) };
}
