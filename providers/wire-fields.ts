import { z } from 'zod';

/*
 * Fields of what a provider sends. Each is read by itself: one that is missing,
 * null or of another kind is null, and says nothing about the others.
 */

/** The field, or null. */
export function field<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().catch(null);
}

/** Looked at later. */
export const anyField = z.unknown().optional();
/** A string, or null. */
export const textField = field(z.string());
/** A list of anything, or null. */
export const listField = field(z.array(z.unknown()));
/** An object with any values, or null. */
export const objectField = field(z.record(z.string(), z.unknown()));

/** A number of tokens: whole, from 0 to 2^53; also as text, as protobuf writes 64 bits. */
export const countField = field(
  z.union([
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number)
      .refine(Number.isSafeInteger),
  ]),
);

/** The elements of a list that are of the shape; others are left out. */
export function elementsOf<Schema extends z.ZodType>(list: unknown, schema: Schema): z.output<Schema>[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly unknown[]).flatMap((element) => {
    const parsed = schema.safeParse(element);
    return parsed.success ? [parsed.data] : [];
  });
}

/** A word of a provider, such as the reason of an end, fit for a message: well-formed, one line, short; null where nothing is left. */
export function shownWord(word: string): string | null {
  const clean = word
    .slice(0, 80)
    .replaceAll(/[\s\p{Cc}\p{Cs}\uFFFD]+/gu, ' ')
    .trim();
  return clean === '' ? null : clean;
}
