/** A word that may stand at the caret. */
export interface Completion {
  readonly word: string;
  /** What it is, in small: `text`, `input`, `Math`. */
  readonly hint: string;
}

/** A name of an input or output, with its type. */
export interface NamedValue {
  readonly name: string;
  readonly type: string;
}

/** What is being written: where its last part begins, that part, and the name before its dot; null where there is no dot. */
export interface BegunWord {
  readonly from: number;
  readonly word: string;
  readonly of: string | null;
}

/** So many are shown. */
const mostShown = 8;

const keywords =
  'async await break const continue else false for function if let new null of return throw true typeof undefined while'.split(
    ' ',
  );

/** What QuickJS has of JavaScript, by the name before the dot. */
const members: Readonly<Record<string, string>> = {
  Math: 'abs ceil floor hypot log max min pow random round sign sqrt trunc PI',
  JSON: 'parse stringify',
  Object: 'assign entries fromEntries keys values',
  Array: 'from isArray of',
  Number: 'isFinite isInteger isNaN parseFloat parseInt',
  String: 'fromCharCode fromCodePoint raw',
  Promise: 'all allSettled resolve',
  console: 'error info log warn',
};
const globals = [
  ...Object.keys(members),
  'Date',
  'Error',
  'Map',
  'RegExp',
  'Set',
  'decodeURIComponent',
  'encodeURIComponent',
  'isNaN',
  'parseFloat',
  'parseInt',
];

const ofTexts =
  'at endsWith includes indexOf length match matchAll normalize padEnd padStart repeat replace replaceAll slice split startsWith substring toLowerCase toUpperCase trim trimEnd trimStart';
const ofLists =
  'at concat entries every fill filter find findIndex flat flatMap forEach includes indexOf join length map pop push reduce reverse shift slice some sort splice unshift';
const ofNumbers = 'toFixed toPrecision toString';
const ofFiles = 'assetId bytes channels durationMs height mimeType sampleRate sha256 url width';

const membersOfTypes: Readonly<Record<string, string>> = {
  text: ofTexts,
  number: ofNumbers,
  boolean: 'toString',
  image: ofFiles,
  video: ofFiles,
  audio: ofFiles,
  file: ofFiles,
};

/** What is being written at the caret; null within a word, a number, a text or a comment, and where nothing is. */
export function begunWordAt(code: string, caret: number): BegunWord | null {
  if (/[\w$]/.test(code[caret] ?? '') || isOfNoCode(code.slice(code.lastIndexOf('\n', caret - 1) + 1, caret)))
    return null;
  const found = /(?:([A-Za-z_$][\w$]*|[)\]'"`])(\??\.))?([A-Za-z_$][\w$]*)?$/.exec(code.slice(0, caret));
  const [whole = '', before, dot, word = ''] = found ?? [];
  // The letter of a number, as in 1e3.
  if (whole === '' || (dot === undefined && /\d\.?$/.test(code.slice(0, caret - whole.length)))) return null;
  return { from: caret - word.length, word, of: dot === undefined ? null : before! };
}

/** Whether a line ends within a text or a comment. */
function isOfNoCode(line: string): boolean {
  return /['"`]|\/\//.test(line.replaceAll(/(['"`])(?:\\.|(?!\1).)*\1/g, ' '));
}

/** The words that fit what is being written, the likeliest first: inputs, names of the code itself, then JavaScript's. */
export function completionsOf(
  { word, of, from }: BegunWord,
  {
    inputs,
    outputs,
    code,
  }: { readonly inputs: readonly NamedValue[]; readonly outputs: readonly NamedValue[]; readonly code: string },
): readonly Completion[] {
  const all = of === null ? namesIn(inputs, outputs, code.slice(0, from)) : membersOf(of, inputs);
  const seen = new Set<string>();
  const fits = all.filter((each) => {
    const isNew = !seen.has(each.word);
    seen.add(each.word);
    return isNew && each.word.toLowerCase().startsWith(word.toLowerCase());
  });
  // A word that is already whole needs nothing.
  return fits.length === 1 && fits[0]!.word === word ? [] : fits.slice(0, mostShown);
}

function namesIn(inputs: readonly NamedValue[], outputs: readonly NamedValue[], before: string): readonly Completion[] {
  const declared = [...before.matchAll(/\b(?:const|let|var|function)\s+([A-Za-z_$][\w$]*)/g)].map(([, name]) => name!);
  return [
    ...inputs.map(({ name, type }) => ({ word: name, hint: `input, ${type}` })),
    ...declared.map((word) => ({ word, hint: 'above' })),
    ...outputs.map(({ name, type }) => ({ word: name, hint: `output, ${type}` })),
    ...keywords.map((word) => ({ word, hint: 'keyword' })),
    ...globals.map((word) => ({ word, hint: 'JavaScript' })),
  ];
}

function membersOf(of: string, inputs: readonly NamedValue[]): readonly Completion[] {
  const type = inputs.find(({ name }) => name === of)?.type;
  const known = Object.hasOwn(members, of) ? members[of]! : type === undefined ? undefined : membersOfTypes[type];
  const words = known ?? (/['"`]/.test(of) ? ofTexts : `${ofLists} ${ofTexts}`);
  return words.split(' ').map((word) => ({ word, hint: Object.hasOwn(members, of) ? of : (type ?? '') }));
}
