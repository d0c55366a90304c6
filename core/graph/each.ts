import { z } from 'zod';

/** More places than anybody names by hand. */
const maxPlaces = 1_000;

/** Some elements of a list: the first so many, or those at these places, from 0. */
export const chosenElementsSchema = z.union([
  z.strictObject({ first: z.number().int().min(1) }),
  z.strictObject({ at: z.array(z.number().int().min(0)).min(1).max(maxPlaces) }),
]);
/** Some elements of a list. */
export type ChosenElements = { readonly first: number } | { readonly at: readonly number[] };

/**
 * How a node, and what is repeated together with it, goes through a list: `data.each` of the first of these nodes. On an
 * edge, `data.each` is true where the elements of a list go along one by one though the input would take all together.
 */
export const eachSettingsSchema = z.strictObject({
  /** Parts at work at the same time. */
  concurrency: z.number().int().min(1).max(100).default(8),
  /**
   * What becomes of the rest when an element fails for good. `stop`: no new part begins, and the node fails. `goOn`: it is
   * missing in its place (null). `leaveOut`: the list is shorter.
   */
  onError: z.enum(['stop', 'goOn', 'leaveOut']).default('stop'),
  /** The node fails after all once more than so many elements have. Default: never, with `goOn` and `leaveOut`. */
  failAbove: z
    .union([
      z.strictObject({ count: z.number().int().min(0) }),
      z.strictObject({ percent: z.number().min(0).max(100) }),
    ])
    .optional(),
  /**
   * How several lists go together. `pair`: the first with the first, all of one length. `repeatLast`: shorter ones repeat
   * their last element. `combinations`: each with each, the last list changing fastest.
   */
  pairing: z.enum(['pair', 'repeatLast', 'combinations']).default('pair'),
  /** Which of the elements: the first so many, or those at these places, from 0. Default: all. A run to try things sets it. */
  only: chosenElementsSchema.optional(),
});
/** `data.each` of the first node of a region. */
export type EachSettings = Readonly<z.output<typeof eachSettingsSchema>>;

/** Settings that nobody has touched. */
export const defaultEachSettings: EachSettings = eachSettingsSchema.parse({});

/** The settings in the `data` of a node; what does not fit, and is a finding of the graph, counts as not set. */
export function eachSettingsOf(data: Readonly<Record<string, unknown>>): EachSettings {
  const own = Object.hasOwn(data, 'each') ? data['each'] : undefined;
  return own === undefined ? defaultEachSettings : (eachSettingsSchema.safeParse(own).data ?? defaultEachSettings);
}
