import { fileTypes, rowOf, traitsOf, type FileFormat, type FileType } from './table.ts';

/** The type of a file by its content type; null where no data type stands for such files. */
export function fileTypeOf(mimeType: string): FileType | null {
  return (
    fileTypes.find((type) => {
      const { family, formats } = traitsOf(type);
      return family === null ? formats.some((format) => format.mimeType === mimeType) : mimeType.startsWith(family);
    }) ?? null
  );
}

/** The format whose files have this content type. */
export function formatOf(mimeType: string): FileFormat | null {
  return allFormats.find((format) => format.mimeType === mimeType) ?? null;
}

/** The ending of names of files of a content type, without a dot; `bin` where there is none for it. */
export function extensionOf(mimeType: string): string {
  return formatOf(mimeType)?.extension ?? (mimeType === 'application/jsonl' ? 'jsonl' : 'bin');
}

const allFormats: readonly FileFormat[] = fileTypes.flatMap((type) => traitsOf(type).formats);

/** What a content type has to match to be of a data type: each one either whole, or its beginning before a `*`. */
export function acceptedTypes(type: FileType): readonly string[] {
  const { family, formats } = traitsOf(type);
  return family === null ? formats.map(({ mimeType }) => mimeType) : [`${family}*`];
}

/**
 * The type that a file seems to have before anybody looks into it, by what its
 * system says of it or else by the ending of its name; null for files that nothing takes.
 */
export function guessFileType(claimed: string, name: string): FileType | null {
  return fileTypeOf(claimed) ?? typeByName(name);
}

/** The type that the ending of a name stands for. */
export function typeByName(name: string): FileType | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return ending === undefined ? null : (endings.get(ending) ?? null);
}

const endings: ReadonlyMap<string, FileType> = new Map(
  fileTypes.flatMap((type) => {
    const { formats, strangeEndings } = traitsOf(type);
    const taken = formats.flatMap((format) => [format.extension, ...(format.endings ?? [])]);
    return [...taken, ...strangeEndings].map((ending) => [ending, type] as const);
  }),
);

/** The type of files whose bytes stand in a data URL; null for anything else. */
export function typeOfDataUrl(text: string): FileType | null {
  const claimed = /^data:([\w.+-]+\/[\w.+-]+)[;,]/i.exec(text)?.[1];
  return claimed === undefined ? null : fileTypeOf(claimed.toLowerCase());
}

/** What is taken, in words: `JPEG, PNG and WebP images and MP4 videos`. */
export function takenInWords(): string {
  return wordsOf(
    fileTypes.map((type) => `${wordsOf(traitsOf(type).formats.map(({ name }) => name))} ${rowOf(type).plural}`),
  );
}

/** `a`, `a and b`, `a, b and c`. */
export function wordsOf(names: readonly string[], last = 'and'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}
