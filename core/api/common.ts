import { z } from 'zod';

/** ISO 8601 in UTC with milliseconds. */
export const timestampSchema = z.iso.datetime({ precision: 3 });

/** The query of every paged list. Default: 50 items, from the start. */
export const pageQuerySchema = z.strictObject({
  /** Items a page, 1-100. */
  limit: z.coerce.number().int().min(1).max(100).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(512).optional(),
});

/** The answer of every paged list: send `nextCursor` back as `cursor` for the next page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    /** Null on the last page. */
    nextCursor: z.string().nullable(),
  });
}

/** One thing that is wrong, and where. */
export const findingSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** JSON path of the offending value, e.g. `data.nodes[2].data.ms`. */
  path: z.string().optional(),
  nodeIds: z.array(z.string()).optional(),
  edgeIds: z.array(z.string()).optional(),
});
export type ApiFinding = z.infer<typeof findingSchema>;

/** RFC 9457 problem document; `code` is stable, `errors` lists every single finding. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(findingSchema).optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
