/** Deeper nesting is no file that anybody reads. */
const maxDepth = 512;

/** Longest number or literal; the longest that people write have some twenty digits. */
const maxWord = 400;

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const literals: ReadonlySet<string> = new Set(['true', 'false', 'null']);

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

/** Looks whether a text that comes in pieces is JSON (RFC 8259), an object or a list; keeps nothing but the nesting. */
export interface JsonCheck {
  add(piece: string): void;
  /** To be asked when the whole text was added. */
  readonly isJson: boolean;
}

/** For one text. */
export function createJsonCheck(): JsonCheck {
  const nesting: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let isBroken = false;
  let isInString = false;
  let isKey = false;
  /** Characters of an escape that are still to come: 1 after a backslash, then up to 4 hex digits. */
  let escape = 0;
  let word = '';

  const fail = () => {
    isBroken = true;
  };
  const closeValue = () => {
    expected = nesting.length === 0 ? 'nothing' : 'comma or end';
  };

  function endWord(): void {
    if (word === '') return;
    if (!literals.has(word) && !numberPattern.test(word)) fail();
    word = '';
    closeValue();
  }

  function takeInString(character: string): void {
    if (escape > 1) {
      if (!/[0-9a-fA-F]/.test(character)) fail();
      escape -= 1;
      if (escape === 1) escape = 0;
    } else if (escape === 1) {
      if (character === 'u') escape = 5;
      else if ('"\\/bfnrt'.includes(character)) escape = 0;
      else fail();
    } else if (character === '\\') {
      escape = 1;
    } else if (character === '"') {
      isInString = false;
      if (isKey) expected = 'colon';
      else closeValue();
    } else if (character < ' ') {
      fail();
    }
  }

  function open(bracket: '{' | '['): void {
    if (expected !== 'value' && expected !== 'value or end') return fail();
    nesting.push(bracket);
    if (nesting.length > maxDepth) fail();
    expected = bracket === '{' ? 'key or end' : 'value or end';
  }

  function close(bracket: '{' | '['): void {
    const isFitting = expected === 'comma or end' || expected === (bracket === '{' ? 'key or end' : 'value or end');
    if (!isFitting || nesting.pop() !== bracket) return fail();
    closeValue();
  }

  function take(character: string): void {
    if (isInString) return takeInString(character);
    if (/[-+.\w]/.test(character)) {
      if (word === '' && (nesting.length === 0 || (expected !== 'value' && expected !== 'value or end'))) return fail();
      word += character;
      if (word.length > maxWord) fail();
      return;
    }
    endWord();
    if (character === '{' || character === '[') open(character);
    else if (character === '}') close('{');
    else if (character === ']') close('[');
    else if (character === '"') {
      isKey = expected === 'key' || expected === 'key or end';
      if (nesting.length === 0 || (!isKey && expected !== 'value' && expected !== 'value or end')) return fail();
      isInString = true;
    } else if (character === ':' && expected === 'colon') expected = 'value';
    else if (character === ',' && expected === 'comma or end') expected = nesting.at(-1) === '{' ? 'key' : 'value';
    else if (!' \t\r\n'.includes(character)) fail();
  }

  return {
    add(piece) {
      for (let index = 0; index < piece.length && !isBroken; index += 1) take(piece[index]!);
    },
    get isJson() {
      return !isBroken && !isInString && word === '' && expected === 'nothing';
    },
  };
}
