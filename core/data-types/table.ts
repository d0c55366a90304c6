import type { MediaLimits } from '../limits.ts';

/** One format of file that is taken. */
export interface FileFormat {
  /** What people call it: `JPEG`. */
  readonly name: string;
  /** As rows, references and answers carry it. */
  readonly mimeType: string;
  /** Of names that are given to such a file, without a dot. */
  readonly extension: string;
  /** The content type of such a file that holds audio alone. Default: it is damaged then. */
  readonly audioOnly?: string;
  /** What the first bytes are known by: types as the library of signatures names them. Default: `mimeType` alone. */
  readonly signatures?: readonly string[];
  /** Further endings of the names of such files, without a dot. */
  readonly endings?: readonly string[];
}

/** What is particular to types whose values are files. */
export interface FileTraits {
  readonly formats: readonly FileFormat[];
  /** How all content types of this data type begin; null where the formats are all there is. */
  readonly family: string | null;
  /** The limit that counts for the size of one such file. */
  readonly maxBytes: 'maxImageBytes' | 'maxVideoBytes' | 'maxAudioBytes' | 'maxFileBytes';
  /** Endings of files that are of this type and not taken: what is dropped is sent all the same, and the answer says why. */
  readonly strangeEndings: readonly string[];
  /** What people see of such a file in small and in full: a picture, one that moves, a waveform, or its name. */
  readonly shownAs: 'still' | 'moving' | 'sound' | 'document';
  /** HTML elements that show such a file by its `src`. */
  readonly elements: readonly string[];
  /**
   * Where it is searched for a web page or a script that it may be as well: in all
   * of it, or at both ends, where what poses as another type has to show; or it must not begin as one.
   */
  readonly searched: 'whole' | 'ends' | 'start';
  /** There are previews of such files. */
  readonly hasPreview: boolean;
  /** How loud they are is measured and drawn. */
  readonly hasPeaks: boolean;
  /** Whether a browser may show it in its place, or is told to save it. */
  readonly served: 'inline' | 'attachment';
}

/** Everything that tells one data type from another. */
export interface DataTypeRow {
  /** `Image`: in lists and as the name of a handle. */
  readonly title: string;
  /** With its article, as the name of a type: `an image`. */
  readonly named: string;
  /** In sentences to people: `image`, `images`. */
  readonly noun: string;
  readonly plural: string;
  /** Name of a lucide icon, in kebab-case. */
  readonly icon: string;
  /** Of edges, handles and icons, in each theme: at least 4.5 to 1 against the surface of a node. */
  readonly color: { readonly dark: `#${string}`; readonly light: `#${string}` };
  /** Types besides itself that an input of this type takes along an edge; what `any` carries is looked at when it arrives. */
  readonly takes: readonly string[] | 'all';
  /** Room for one value below a node, in pixels of the canvas. */
  readonly resultHeight: number;
  /** Null where values are JSON. */
  readonly file: FileTraits | null;
}

/**
 * Every data type: what travels along edges, and what files are taken. Server, assets, media, CLI and browser read
 * this table; what works on a type's files is in `media/kinds/`, what shows them in `web/ui/viewers/`.
 */
const rows = {
  text: {
    title: 'Text',
    named: 'text',
    noun: 'text',
    plural: 'texts',
    icon: 'type',
    color: { dark: '#6fa8ff', light: '#2367d1' },
    // Numbers and data are written down.
    takes: ['number', 'boolean', 'json', 'any'],
    resultHeight: 148,
    file: null,
  },
  number: {
    title: 'Number',
    named: 'a number',
    noun: 'number',
    plural: 'numbers',
    icon: 'hash',
    color: { dark: '#e6c14d', light: '#80620a' },
    takes: ['text', 'json', 'any'],
    resultHeight: 52,
    file: null,
  },
  boolean: {
    title: 'Yes or no',
    named: 'yes or no',
    noun: 'choice between yes and no',
    plural: 'choices between yes and no',
    icon: 'toggle-left',
    color: { dark: '#f08fb1', light: '#b12d5f' },
    takes: ['text', 'json', 'any'],
    resultHeight: 52,
    file: null,
  },
  json: {
    title: 'JSON',
    named: 'JSON data',
    noun: 'JSON value',
    plural: 'JSON values',
    icon: 'braces',
    color: { dark: '#9fc65a', light: '#51710f' },
    takes: ['text', 'number', 'boolean', 'any'],
    resultHeight: 148,
    file: null,
  },
  image: {
    title: 'Image',
    named: 'an image',
    noun: 'image',
    plural: 'images',
    icon: 'image',
    color: { dark: '#54cf9b', light: '#0f7f51' },
    takes: ['any'],
    resultHeight: 172,
    file: {
      formats: [
        { name: 'JPEG', mimeType: 'image/jpeg', extension: 'jpg', endings: ['jpeg', 'jpe', 'jfif'] },
        // An animated PNG is a PNG to everything that does not know better.
        {
          name: 'PNG',
          mimeType: 'image/png',
          extension: 'png',
          signatures: ['image/png', 'image/apng'],
          endings: ['apng'],
        },
        { name: 'WebP', mimeType: 'image/webp', extension: 'webp' },
        { name: 'GIF', mimeType: 'image/gif', extension: 'gif' },
        { name: 'AVIF', mimeType: 'image/avif', extension: 'avif' },
      ],
      family: 'image/',
      maxBytes: 'maxImageBytes',
      strangeEndings: ['bmp', 'tif', 'tiff', 'heic', 'heif', 'svg'],
      shownAs: 'still',
      elements: ['img'],
      searched: 'whole',
      hasPreview: true,
      hasPeaks: false,
      served: 'inline',
    },
  },
  video: {
    title: 'Video',
    named: 'a video',
    noun: 'video',
    plural: 'videos',
    icon: 'film',
    color: { dark: '#c792ea', light: '#8a3fc0' },
    takes: ['any'],
    resultHeight: 172,
    file: {
      formats: [
        {
          name: 'MP4',
          mimeType: 'video/mp4',
          extension: 'mp4',
          signatures: ['video/mp4', 'video/x-m4v'],
          endings: ['m4v'],
          audioOnly: 'audio/mp4',
        },
        { name: 'MOV', mimeType: 'video/quicktime', extension: 'mov', audioOnly: 'audio/mp4' },
        { name: 'WebM', mimeType: 'video/webm', extension: 'webm', audioOnly: 'audio/webm' },
        { name: 'MKV', mimeType: 'video/matroska', extension: 'mkv' },
        { name: 'AVI', mimeType: 'video/vnd.avi', extension: 'avi' },
      ],
      family: 'video/',
      maxBytes: 'maxVideoBytes',
      strangeEndings: ['ogv', 'mpg', 'mpeg'],
      shownAs: 'moving',
      elements: ['video'],
      searched: 'ends',
      hasPreview: true,
      hasPeaks: false,
      served: 'inline',
    },
  },
  audio: {
    title: 'Audio',
    named: 'an audio file',
    noun: 'audio file',
    plural: 'audio files',
    icon: 'audio-lines',
    color: { dark: '#f0a35e', light: '#a3560b' },
    takes: ['any'],
    resultHeight: 148,
    file: {
      formats: [
        { name: 'MP3', mimeType: 'audio/mpeg', extension: 'mp3' },
        {
          name: 'M4A',
          mimeType: 'audio/mp4',
          extension: 'm4a',
          signatures: ['audio/mp4', 'audio/x-m4a'],
          endings: ['m4b'],
        },
        { name: 'AAC', mimeType: 'audio/aac', extension: 'aac' },
        {
          name: 'OGG',
          mimeType: 'audio/ogg',
          extension: 'ogg',
          signatures: ['audio/ogg', 'audio/ogg; codecs=opus'],
          endings: ['opus', 'oga'],
        },
        { name: 'FLAC', mimeType: 'audio/flac', extension: 'flac' },
        { name: 'WAV', mimeType: 'audio/wav', extension: 'wav' },
        { name: 'AIFF', mimeType: 'audio/aiff', extension: 'aiff', endings: ['aif', 'aifc'] },
        { name: 'CAF', mimeType: 'audio/x-caf', extension: 'caf' },
        { name: 'Wave64', mimeType: 'audio/x-w64', extension: 'w64' },
        // Told from a video by what is in it.
        { name: 'WebM', mimeType: 'audio/webm', extension: 'weba', signatures: [] },
      ],
      family: 'audio/',
      maxBytes: 'maxAudioBytes',
      strangeEndings: ['wma', 'amr', 'mid', 'midi'],
      shownAs: 'sound',
      elements: ['audio'],
      searched: 'ends',
      hasPreview: false,
      hasPeaks: true,
      served: 'inline',
    },
  },
  file: {
    title: 'File',
    named: 'a file',
    noun: 'document',
    plural: 'documents',
    icon: 'file-text',
    color: { dark: '#5ec8d8', light: '#0b7285' },
    takes: ['any'],
    resultHeight: 100,
    file: {
      formats: [
        { name: 'PDF', mimeType: 'application/pdf', extension: 'pdf' },
        { name: 'CSV', mimeType: 'text/csv', extension: 'csv', endings: ['tsv'] },
        { name: 'JSON', mimeType: 'application/json', extension: 'json' },
        { name: 'SRT', mimeType: 'application/x-subrip', extension: 'srt' },
        {
          name: 'plain text',
          mimeType: 'text/plain',
          extension: 'txt',
          signatures: ['text/plain', 'text/vtt', 'text/calendar', 'text/vcard'],
          endings: ['md', 'log', 'vtt'],
        },
      ],
      family: null,
      maxBytes: 'maxFileBytes',
      strangeEndings: [],
      shownAs: 'document',
      elements: [],
      searched: 'start',
      hasPreview: false,
      hasPeaks: false,
      served: 'attachment',
    },
  },
  any: {
    title: 'Any',
    named: 'anything',
    noun: 'value',
    plural: 'values',
    icon: 'box',
    color: { dark: '#a9b0ba', light: '#5d646e' },
    takes: 'all',
    resultHeight: 148,
    file: null,
  },
} as const satisfies Record<string, DataTypeRow>;

type Rows = typeof rows;

/** A type of single values. `any` connects to everything; the check then happens at run time. */
export type ElementType = keyof Rows;

/** Lists of one type, and lists of such lists, as they come out of regions within regions. */
export type ListType = ListOf<ElementType> | ListOf<ListOf<ElementType>> | DeepListType;
type ListOf<Type extends string> = `list<${Type}>`;
type DeepListType = ListOf<ListOf<ListOf<ElementType>>> | ListOf<ListOf<ListOf<ListOf<ElementType>>>>;

/** What travels along an edge: single values or lists. */
export type DataType = ElementType | ListType;

/** The types whose values are files. */
export type FileType = { [Type in ElementType]: Rows[Type]['file'] extends null ? never : Type }[ElementType];

/** Names of all types of single values, in the order of the table. */
export const dataTypes = Object.keys(rows) as [ElementType, ...ElementType[]];

/** Lists within lists that a type can name: three regions within one another, and a list in the innermost. */
export const maxListDepth = 4;

/** A data type in its parts: the type of the single values, and how many lists stand around one of them; 0: none. */
export interface TypeParts {
  readonly element: ElementType;
  readonly depth: number;
}

const knownParts = new Map<DataType, TypeParts>();

/** Takes a data type apart. */
export function partsOf(type: DataType): TypeParts {
  let parts = knownParts.get(type);
  if (parts === undefined) {
    const depth = type.split('<').length - 1;
    parts = { element: type.slice('list<'.length * depth, type.length - depth) as ElementType, depth };
    knownParts.set(type, parts);
  }
  return parts;
}

/** The type of lists of a type, that many within one another; at most `maxListDepth` in all. Depth 0 gives the type itself. */
export function listOf(type: DataType, depth: number): DataType {
  const { element, depth: own } = partsOf(type);
  const all = Math.min(own + depth, maxListDepth);
  return `${'list<'.repeat(all)}${element}${'>'.repeat(all)}` as DataType;
}

/** What the handles of a node may be of: each type, and a list of each. */
export const handleTypes = [...dataTypes, ...dataTypes.map((type) => listOf(type, 1))] as [DataType, ...DataType[]];

/** Whether values of a type are lists. */
export function isListType(type: DataType): type is ListType {
  return partsOf(type).depth > 0;
}

/** The data types whose values are files. */
export const fileTypes = dataTypes.filter((type): type is FileType => rows[type].file !== null) as [
  FileType,
  ...FileType[],
];

/** Whether the values of a type are files; anything else may be asked about. */
export function isFileType(type: string): type is FileType {
  return (fileTypes as readonly string[]).includes(type);
}

const listRows = new Map<ListType, DataTypeRow>();

/** The row of a data type; that of a list follows from the row of what it lists. */
export function rowOf(type: DataType): DataTypeRow {
  if (!isListType(type)) return rows[type];
  let row = listRows.get(type);
  if (row === undefined) listRows.set(type, (row = listRow(type)));
  return row;
}

function listRow(type: ListType): DataTypeRow {
  const { element, depth } = partsOf(type);
  const { plural, color } = rows[element];
  const lists = 'lists of '.repeat(depth - 1);
  return {
    title: `List of ${lists}${plural}`,
    named: `a list of ${lists}${plural}`,
    noun: `list of ${lists}${plural}`,
    plural: `lists of ${lists}${plural}`,
    icon: 'list',
    color,
    takes: [],
    resultHeight: 172,
    file: null,
  };
}

/** What is particular to a type of files. */
export function traitsOf(type: FileType): FileTraits {
  return rows[type].file;
}

/** The limit of bytes for one file of a type; where no type is named, for one of any type. */
export function maxBytesOf(type: FileType | undefined, limits: MediaLimits): number {
  const types = type === undefined ? fileTypes : [type];
  return Math.max(...types.map((each) => limits[traitsOf(each).maxBytes]));
}
