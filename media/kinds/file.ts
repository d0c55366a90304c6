import { noFacts, type KindOfFile } from './kind-of-file.ts';

/** What a document is was found out when it was sniffed, and there is no more to know. */
export const fileKind: KindOfFile = {
  describe: async () => noFacts,
  writeThumbnail: null,
};
