import type { RunFile } from '../../core/api/runs.ts';
import { loadFile } from '../api/load-file.ts';
import { addressOf } from '../ui/app-address.ts';
import { copyText } from '../ui/copy-text.ts';
import { saveFile } from '../workflows/export-workflow.ts';
import { archiveName, archiveOf, entriesOf, type Sources } from './archive.ts';
import { fileNameOf, shownAs, type Result } from './results.ts';

/** Saves one result under its own name; the browser loads files by itself, however large they are. */
export function saveResult(result: Result): void {
  const name = fileNameOf(result);
  if (result.asset === null) {
    saveFile(name, new Blob([result.text ?? ''], { type: result.kind === 'text' ? 'text/plain' : 'application/json' }));
    return;
  }
  const link = document.createElement('a');
  link.href = addressOf(result.asset.url);
  link.download = name;
  link.click();
}

/**
 * Saves one result as it is, several as an archive that is named after workflow and run. Rejects with `ApiError`.
 *
 * @param findSources what the outputs of the run were made from; asked for an archive, which does without it where that fails
 */
export async function saveResults(
  results: readonly Result[],
  workflowName: string,
  findSources?: (runId: string) => Promise<Sources>,
): Promise<void> {
  const [first] = results;
  if (first === undefined) return;
  if (results.length === 1) {
    saveResult(first);
    return;
  }
  const { runId } = first.execution;
  const sources = (await findSources?.(runId).catch(() => undefined)) ?? new Map();
  saveFile(archiveName(workflowName, runId), await archiveOf(entriesOf(results, sources)));
}

/** What the outputs of a run were made from, as its export says. */
export function sourcesOf({ outputs }: RunFile): Sources {
  return new Map(outputs.map(({ nodeId, sources }) => [nodeId, sources]));
}

/** Whether a result can go on the clipboard: words and images can. */
export function canCopy(result: Result): boolean {
  return result.asset === null || shownAs(result) === 'still';
}

/** Puts words, or the image itself as PNG, on the clipboard; false where the browser does not allow it. */
export async function copyResult({ asset, text }: Result): Promise<boolean> {
  if (asset === null) return copyText(text ?? '');
  try {
    // Given as a promise: Safari allows it within the click only.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(asset.url) })]);
    return true;
  } catch {
    return false;
  }
}

/** The one image type that clipboards of all browsers take. */
async function pngOf(url: string): Promise<Blob> {
  const file = await loadFile(url);
  if (file.type === 'image/png') return file;
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Whether this browser can hand results on to other apps, as phones do. */
export function canShare(): boolean {
  return typeof navigator.share === 'function';
}

/** Hands results on to another app: files as files, words as words. False where that was called off. */
export async function shareResults(results: readonly Result[]): Promise<boolean> {
  const text = results.flatMap((result) => (result.kind === 'text' ? (result.text ?? '') : [])).join('\n\n');
  const files = await Promise.all(
    results.flatMap((result) =>
      result.asset === null
        ? []
        : loadFile(result.asset.url).then((file) => new File([file], fileNameOf(result), { type: file.type })),
    ),
  );
  try {
    await navigator.share({ ...(text !== '' && { text }), ...(files.length > 0 && { files }) });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    throw error;
  }
}
