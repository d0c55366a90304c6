import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import { maxStoredListBytes } from '../core/limits.ts';
import { storedListType, type OutputValue, type StoredList } from '../core/node-type/values.ts';
import type { AssetService } from './asset-service.ts';
import { toReference } from './attempt-assets.ts';
import type { WorkDirs } from './work-dirs.ts';

/** A list on its way into a file: the JSON of one element on each line. */
export interface ListFile {
  readonly length: number;
  /** Throws NODE_OUTPUT_TOO_LARGE. */
  push(value: OutputValue): Promise<void>;
  /** Moves the file into the store. Throws STORAGE_FULL. */
  end(): Promise<StoredList>;
  /** Removes what was not kept. To be called in every case. */
  dispose(): Promise<void>;
}

/** How it begins: elements, and bytes of their JSON. */
const previewElements = 20;
const previewBytes = 8_192;
/** Written at once. */
const pieceBytes = 262_144;

/** Begins a file in a folder of its own. */
export function createListFile({
  assets,
  workDirs,
  owner: { userId, runId },
}: {
  readonly assets: Pick<AssetService, 'keepList'>;
  readonly workDirs: WorkDirs;
  readonly owner: { readonly userId: string; readonly runId: string };
}): ListFile {
  const workDir = workDirs.open();
  const digest = createHash('sha256');
  const preview: OutputValue[] = [];
  let previewLeft = previewBytes;
  let handle: FileHandle | undefined;
  let piece: string[] = [];
  let unwritten = 0;
  let bytes = 0;
  let length = 0;
  const path = () => join(workDir.path, 'list');

  async function write(): Promise<void> {
    const text = piece.join('');
    piece = [];
    unwritten = 0;
    handle ??= await open(path(), 'wx');
    digest.update(text);
    await handle.writeFile(text);
  }

  function look(value: OutputValue, size: number): void {
    // Only from the beginning on, without gaps.
    if (preview.length < length || preview.length === previewElements || size > previewLeft) return;
    preview.push(value);
    previewLeft -= size;
  }

  return {
    get length() {
      return length;
    },
    push: async (value) => {
      const line = `${JSON.stringify(value)}\n`;
      const size = Buffer.byteLength(line);
      bytes += size;
      if (bytes > maxStoredListBytes) throw tooLarge(length);
      look(value, size);
      length += 1;
      piece.push(line);
      unwritten += size;
      if (unwritten >= pieceBytes) await write();
    },
    end: async () => {
      await write();
      await handle?.close();
      handle = undefined;
      const row = await assets.keepList(path(), { userId, runId, bytes, sha256: digest.digest('hex') });
      return { ...toReference(row), mimeType: storedListType, length, preview: preview as StoredList['preview'] };
    },
    dispose: async () => {
      await handle?.close();
      await workDir.dispose();
    },
  };
}

function tooLarge(index: number): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `The list is larger than ${maxStoredListBytes} bytes by element ${index + 1}. Take fewer elements, or let each put out less.`,
    { details: { limit: maxStoredListBytes } },
  );
}
