import { useMemo } from 'react';
import { useStore } from 'zustand';
import { guessFileType } from '../../../core/data-types/files.ts';
import { rowOf, type FileType } from '../../../core/data-types/table.ts';
import { countOf } from '../../ui/format.ts';
import type { UploadState } from '../../ui/node-editor.ts';
import { useEnvironment } from '../environment.ts';
import { uploadKey, type Uploads, type UploadTarget } from './uploads.ts';

/** More at once is a slip of the hand more often than a wish. */
const mostFiles = 1_000;

/** Counts the files that were given to lists on this page. */
let given = 0;

/** Files on their way into a field that holds a list of them. */
export interface ListUploads {
  readonly onTheirWay: readonly { readonly item: number; readonly upload: UploadState }[];
  /** Sends what is of the type; of the others it is said which they are. */
  begin(files: readonly File[]): void;
  cancel(item: number): void;
  /** Sends one that failed once more. */
  retry(item: number): void;
}

/** Uploads files into a field that holds a list of them, in their order. */
export function sendToList(
  uploads: Uploads,
  target: Pick<UploadTarget, 'nodeId' | 'field'>,
  files: readonly File[],
): void {
  for (const file of files) {
    uploads.begin({ ...target, item: given }, file);
    given += 1;
  }
}

/** The uploads into one field of one node. */
export function useListUploads({ nodeId, field }: Pick<UploadTarget, 'nodeId' | 'field'>, type: FileType): ListUploads {
  const { uploads, notify } = useEnvironment();
  const state = useStore(uploads.state);
  const onTheirWay = useMemo(() => {
    const prefix = `${uploadKey({ nodeId, field })}\n`;
    return Object.entries(state)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, upload]) => ({ item: Number(key.slice(prefix.length)), upload }))
      .toSorted((left, right) => left.item - right.item);
  }, [state, nodeId, field]);
  return {
    onTheirWay,
    cancel: (item) => uploads.cancel({ nodeId, field, item }),
    retry: (item) => uploads.retry({ nodeId, field, item }),
    begin: (files) => {
      const fitting = files.filter((file) => guessFileType(file.type, file.name) === type);
      const taken = fitting.slice(0, mostFiles);
      if (fitting.length < files.length) {
        notify({
          title: `${countOf(files.length - fitting.length, 'file')} skipped`,
          description: `This list holds ${rowOf(type).plural}.`,
          kind: 'error',
        });
      }
      if (taken.length < fitting.length) {
        notify({
          title: `Only the first ${mostFiles.toLocaleString()} files are added`,
          description: `${countOf(fitting.length - taken.length, 'more file')} skipped. Add them in a second step.`,
          kind: 'error',
        });
      }
      sendToList(uploads, { nodeId, field }, taken);
    },
  };
}
