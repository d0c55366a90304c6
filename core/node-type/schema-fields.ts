import { z } from 'zod';

/** What a field of a node's config means besides its type: the checks of graphs go by it, whatever its form control is. */
const meanings = z.registry<{ readonly holds: 'address' | 'file' | 'secret' }>();

/** How a field is shown in a form. */
interface FieldHints {
  readonly title: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** Of the details that the node itself has no room for. */
  readonly place?: 'inspector';
  readonly shownWhen?: { readonly field: string; readonly values: readonly unknown[] };
}

/** Marks the schema of a field as one that holds something that graphs are checked for. */
export function holding<Schema extends z.ZodType>(schema: Schema, holds: 'address' | 'file' | 'secret'): Schema {
  meanings.add(schema, { holds });
  return schema;
}

/** What a field holds, by its schema; null: nothing that is checked. */
export function holdsOf(schema: z.ZodType): 'address' | 'file' | 'secret' | null {
  return meanings.get(schema)?.holds ?? null;
}

/** A field with the address of something that is fetched. Empty by default. */
export function urlField(hints: FieldHints) {
  return holding(
    z
      .string()
      .max(8_192)
      .default('')
      .meta({ control: 'url', ...hints }),
    'address',
  );
}

/** A field with the name of one of the user's secrets, which are never part of a graph. Empty by default. */
export function secretField(hints: FieldHints) {
  return holding(
    z
      .string()
      .max(64)
      .default('')
      .meta({ control: 'secret', ...hints }),
    'secret',
  );
}
