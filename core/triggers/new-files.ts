/** A file that a folder holds. */
export interface HeldFile {
  readonly path: string;
  readonly bytes: number;
  /** Another one where the file was written since. */
  readonly mark: string;
}

/** What was remembered of one at the last look. */
export interface KnownFile extends HeldFile {
  /** Since when it has been as it is, in milliseconds. */
  readonly seenAtMs: number;
  /** It has had its run, or was there before. */
  readonly isTaken: boolean;
}

/** What one look into a folder comes to. */
export interface Look<File extends HeldFile> {
  /** New ones, and those that were written since: to be remembered as not taken, and looked at again. */
  readonly fresh: readonly File[];
  /** Those that have been the same for long enough: whole, and to be taken. */
  readonly whole: readonly File[];
  /** Paths that are not there any more. */
  readonly gone: readonly string[];
}

/**
 * Tells new files in a folder from those that are being written and those that were taken. A file is whole when two looks,
 * `stableMs` apart or more, found it the same.
 */
export function lookAtFiles<File extends HeldFile>(
  held: readonly File[],
  known: ReadonlyMap<string, KnownFile>,
  { nowMs, stableMs }: { readonly nowMs: number; readonly stableMs: number },
): Look<File> {
  const fresh: File[] = [];
  const whole: File[] = [];
  for (const file of held) {
    const before = known.get(file.path);
    if (before === undefined || before.bytes !== file.bytes || before.mark !== file.mark) fresh.push(file);
    else if (!before.isTaken && nowMs - before.seenAtMs >= stableMs) whole.push(file);
  }
  const there = new Set(held.map(({ path }) => path));
  return { fresh, whole, gone: [...known.keys()].filter((path) => !there.has(path)) };
}
