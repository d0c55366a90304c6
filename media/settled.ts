/**
 * Waits for all of them, also where one fails: what it started has ended then. Throws what failed, of several the first in
 * their order.
 */
export async function settled<Values extends readonly unknown[]>(work: {
  readonly [Index in keyof Values]: Promise<Values[Index]>;
}): Promise<Values> {
  await Promise.allSettled(work);
  return Promise.all(work) as unknown as Promise<Values>;
}

/** Programs that look at files at the same time: each start takes a core for a while, and many files are no reason for more. */
const atOnce = 2;

/** What there is to know of each file, in their order. Throws what the first of those fails with that cannot be looked at. */
export async function describeEach<File, Description>(
  files: readonly File[],
  describe: (file: File) => Promise<Description>,
): Promise<Description[]> {
  const found: Description[] = [];
  for (let from = 0; from < files.length; from += atOnce) {
    found.push(...(await settled(files.slice(from, from + atOnce).map(describe))));
  }
  return found;
}
