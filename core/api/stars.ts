import { z } from 'zod';

/** More marks than anybody looks through; the oldest go first. */
export const maxStars = 1_000;

/** By which a result is known again in another run: `file <asset id>`, or `text <node id> <hash of the words>`. */
const starKeySchema = z.string().min(1).max(400);

/** The marked results of a workflow, those marked last at the end. */
export const starsSchema = z.object({ keys: z.array(starKeySchema) }).meta({ id: 'Stars' });

/** What is marked and what no longer is. A key in both is marked. */
export const changeStarsBodySchema = z
  .strictObject({
    add: z.array(starKeySchema).max(maxStars).default([]),
    remove: z.array(starKeySchema).max(maxStars).default([]),
  })
  .meta({ id: 'ChangeStars' });
