import type { MediaKind } from '../core/node-type/executor.ts';

/** What the bytes of a file say it is. */
export interface SniffedMedia {
  readonly kind: MediaKind;
  readonly mimeType: string;
  /** Without a dot. */
  readonly extension: string;
}
