import { z } from 'zod';
import { storageOf } from '../../store/page-identity.ts';

const keptSchema = z.record(z.string(), z.object({ value: z.unknown(), own: z.unknown().optional() }));

/** The values of the last run from a form by name, each with the workflow's own value at that time. */
export type KeptInputs = Readonly<z.output<typeof keptSchema>>;

/** Longer ones are not kept: the room of a browser is for unsaved work. */
const maxLength = 50_000;

/** Where the values of a workflow's last run are kept in this browser, for one account. */
export interface InputStore {
  read(): KeptInputs;
  write(kept: KeptInputs): void;
}

/** `storage` null, or full, or of another shape: nothing is remembered, and nobody is told. */
export function createInputStore(storage: Storage | null, userId: string, workflowId: number): InputStore {
  const key = `heddle.inputs.${encodeURIComponent(userId)}.${workflowId}`;
  return {
    read: () => {
      try {
        return keptSchema.parse(JSON.parse(storage?.getItem(key) ?? '{}'));
      } catch {
        return {};
      }
    },
    write: (kept) => {
      const text = JSON.stringify(kept);
      try {
        if (text.length > maxLength || text === '{}') storage?.removeItem(key);
        else storage?.setItem(key, text);
      } catch {
        // No room, or not allowed: the next form begins with the workflow's own values.
      }
    },
  };
}

/** The store of this browser. Without an account nothing is kept: nobody could be told apart. */
export function keptInputsOf(userId: string | undefined, workflowId: number): InputStore {
  return createInputStore(userId === undefined ? null : storageOf('localStorage'), userId ?? '', workflowId);
}
