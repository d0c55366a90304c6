import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';

/*
 * A backup is a folder:
 *
 *   manifest.json        what there is, and the hash of everything
 *   tables/<name>.gz     rows in the text form of COPY
 *   content/ab/cd/...    the files, by their SHA-256
 *
 * The manifest is written last: a folder without one is no backup.
 */

/** Its name in the folder of a backup. */
export const manifestFile = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  /** Raised when older programs could not read it any more. */
  format: z.literal(1),
  /** Of the program that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  migrations: z.array(z.string()).min(1),
  tables: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z_]+$/),
      columns: z.array(z.string()),
      rows: z.number().int().nonnegative(),
      /** Of the file. */
      sha256,
    }),
  ),
  /** Files by their hash, which is also what their bytes must have. */
  contents: z.array(sha256),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Throws BACKUP_INVALID for anything but a manifest. */
export function parseManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TerminalError('BACKUP_INVALID', `${manifestFile} is damaged or was made by a newer version.`, { cause });
  }
}
