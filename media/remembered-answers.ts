import { stat } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';

/** Characters of one answer that is kept; the head of a clip has some ten thousand. */
export const maxRememberedLength = 100_000;
/** Of all of them. */
const maxLengthOfAll = 2_000_000;

/** What a program said of files, for as long as they stay as they are. */
export interface RememberedAnswers {
  /**
   * The answer to the same question about the same content of a file; else that of `ask`, which is kept where it is not
   * null and not too long. What `ask` throws is thrown, and not kept.
   */
  of<Answer extends string | null>(
    file: string,
    question: readonly string[],
    ask: () => Promise<Answer>,
  ): Promise<Answer | string>;
}

/**
 * Keeps answers by the place on the disk, the size and the time of the last change, so that they outlive a file's name:
 * each step of a workflow asks about the file that the step before has written, and most of what the head of a small file
 * costs is the start of the program.
 */
export function createRememberedAnswers(): RememberedAnswers {
  const answers = new LRUCache<string, string>({
    maxSize: maxLengthOfAll,
    maxEntrySize: maxRememberedLength,
    sizeCalculation: (answer, key) => answer.length + key.length,
  });
  return {
    async of(file, question, ask) {
      const found = await identityOf(file);
      if (found === null) return await ask();
      const key = JSON.stringify([found, question]);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = await ask();
      // Whoever changes a file while it is looked at gets what there was, and the next one asks again.
      if (answer !== null && (await identityOf(file)) === found) answers.set(key, answer);
      return answer;
    },
  };
}

/** Null where there is no such file: the program says so in its own words. */
async function identityOf(file: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs].join('-');
  } catch {
    return null;
  }
}
