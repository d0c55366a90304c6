/** More are not read: whatever takes files takes fewer, and says so. */
const mostFiles = 2_000;

/** Files that systems put into folders for themselves. */
const isOfSystem = (name: string) => name.startsWith('.') || /^(?:thumbs\.db|desktop\.ini)$/i.test(name);

/** The files of entries and of the folders among them, in the order of their names; what cannot be read is left out. */
export async function filesIn(entries: readonly FileSystemEntry[]): Promise<readonly File[]> {
  const files: File[] = [];
  for (const entry of entries) {
    if (files.length >= mostFiles) break;
    if (isFile(entry)) {
      const file = await fileOf(entry);
      if (file !== null) files.push(file);
    } else if (isFolder(entry)) {
      const inside = (await entriesOf(entry)).filter(({ name }) => !isOfSystem(name));
      inside.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
      files.push(...(await filesIn(inside)));
    }
  }
  return files.slice(0, mostFiles);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

/** Browsers give them in batches of a hundred, until an empty one. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}
