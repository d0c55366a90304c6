/**
 * The files of a drop; those in folders, too, however deep. Has to be called within the event of the drop, which is empty
 * afterwards. A promise only where there are folders: it rejects where what reads them cannot be loaded.
 */
export function droppedFiles(data: DataTransfer): readonly File[] | Promise<readonly File[]> {
  const files = [...data.files];
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.every(({ isDirectory }) => !isDirectory)) return files;
  return import('./folder-files.ts').then(({ filesIn }) => filesIn(entries));
}

/** Hands over what was dropped, unless it is nothing. The same as above counts. */
export async function takeFiles(data: DataTransfer, take: (files: readonly File[]) => void): Promise<void> {
  const files = await droppedFiles(data);
  if (files.length > 0) take(files);
}
