import { z } from 'zod';
import { fileTypes } from '../../core/data-types/table.ts';

const draggedSchema = z.array(
  z.union([
    z.object({ kind: z.enum(fileTypes), url: z.string(), name: z.string(), type: z.string() }),
    z.object({ kind: z.literal('text'), text: z.string(), name: z.string() }),
  ]),
);

/** Results on their way to another node: files by their address on this server, words as they are. */
export type DraggedResults = z.infer<typeof draggedSchema>;

/** The results in a drag; empty where there are none. */
export function readDragged(data: string): DraggedResults {
  if (data === '') return [];
  try {
    return draggedSchema.parse(JSON.parse(data));
  } catch {
    return [];
  }
}
