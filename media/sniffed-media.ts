import type { FileType } from '../core/data-types/table.ts';

/** What the bytes of a file say it is. */
export interface SniffedMedia {
  readonly kind: FileType;
  readonly mimeType: string;
  /** Without a dot. */
  readonly extension: string;
}
