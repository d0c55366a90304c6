import type { FileType } from '../data-types/table.ts';
import { rowOf } from '../data-types/table.ts';
import { TerminalError } from '../errors/app-error.ts';
import type { ExecutionContext } from './executor.ts';
import { resolveAssetInput } from './inputs.ts';
import type { AssetReference } from './values.ts';

type FileContext = Pick<ExecutionContext<unknown>, 'inputs' | 'assets' | 'signal'>;

/** A file that has arrived, and where it can be read. */
export interface ArrivedFile {
  readonly asset: AssetReference;
  readonly path: string;
}

/** The file on a handle that has to have one. Throws INPUT_MISSING and TYPE_MISMATCH. */
export async function requiredFile(context: FileContext, handle: string, kind: FileType): Promise<ArrivedFile> {
  const file = await optionalFile(context, handle, kind);
  if (file !== null) return file;
  throw new TerminalError(
    'INPUT_MISSING',
    `Nothing is connected to the input "${handle}". Connect ${rowOf(kind).named}.`,
    { details: { handle } },
  );
}

/** The file on a handle; null where nothing is connected. Throws TYPE_MISMATCH. */
export async function optionalFile(context: FileContext, handle: string, kind: FileType): Promise<ArrivedFile | null> {
  const asset = await resolveAssetInput(context, handle, kind);
  return asset === undefined ? null : { asset, path: await context.assets.localFile(asset) };
}

/** Tells the share that is done of a piece of work as progress of the node. */
export function tellProgress({ progress }: Pick<ExecutionContext<unknown>, 'progress'>): (share: number) => void {
  return (share) => progress(Math.floor(share * 100));
}
