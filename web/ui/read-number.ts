/** What a number field asks for. */
export interface NumberRules {
  readonly unit?: string | undefined;
  readonly min?: number | undefined;
  /** The smallest value is not allowed itself. */
  readonly isMinExcluded?: boolean | undefined;
  readonly max?: number | undefined;
  readonly isInteger?: boolean | undefined;
  /** Shown with all its digits. Default: with two decimals. */
  readonly isExact?: boolean | undefined;
}

/**
 * What a text in a number field comes to.
 * - value: a number that the field takes
 * - empty: nothing
 * - other: no number that the field takes; `value` is the nearest that it does, null where there is none
 */
export type ReadNumber =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'other'; readonly value: number | null; readonly words: string };

/** Longer than any number with its unit. */
const longestText = 64;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Units of time, in milliseconds. */
const times: Readonly<Record<string, number>> = {
  ...named(['ms', 'msec', 'msecs', 'millisecond', 'milliseconds'], 1),
  ...named(['s', 'sec', 'secs', 'second', 'seconds'], second),
  ...named(['m', 'min', 'mins', 'minute', 'minutes'], minute),
  ...named(['h', 'hr', 'hrs', 'hour', 'hours'], hour),
  ...named(['d', 'day', 'days'], day),
};

const tokens = { ...named(['token', 'tokens'], 1), ...named(['k', 'k token', 'k tokens'], 1_000) };

/** What may be written behind a number, by the unit of its field, and how much of that unit it is. */
const unitsOf: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: times,
  s: Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, ms / second])),
  min: Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, ms / minute])),
  '%': named(['%', 'percent', 'per cent'], 1),
  tokens,
};

const examples: Readonly<Record<string, string>> = {
  ms: '500, 2 s or 1.5 min',
  s: '2, 500 ms or 1.5 min',
  min: '90, 2 h or 45 s',
  '%': '50 or 12.5',
  tokens: '500 or 4k',
};

function named(names: readonly string[], factor: number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, factor]));
}

/** Reads what was typed or pasted into a number field, with a unit or without. */
export function readNumber(text: string, rules: NumberRules): ReadNumber {
  // Full-width digits, the long minus and spaces that do not break are what keyboards and tables put there.
  const plain = text
    .normalize('NFKC')
    .replaceAll(/[\u2212\u2010-\u2013]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  if (plain === '') return { kind: 'empty' };
  if (plain.length > longestText) {
    return { kind: 'other', value: null, words: `“${cut(plain)}” is not a number. ${hint(rules)}` };
  }
  const units = {
    ...(rules.unit === undefined ? {} : { [rules.unit.toLowerCase()]: 1 }),
    ...unitsOf[rules.unit ?? ''],
  };
  const found = readParts(plain, units, rules);
  return typeof found === 'number' ? within(found, rules) : { kind: 'other', value: null, words: found };
}

const amount = String.raw`(?:\d[\d.,'’_ ]*|[.,]\d+)(?:e[+-]?\d+)?`;
const wholePattern = new RegExp(`^([+-]?) ?(${amount}) ?([^\\d.,+-]*)$`);
const partPattern = new RegExp(`(${amount}) ?(h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|ms)(?![a-z])`, 'g');
const clockPattern = /^(?:(\d+):)?(\d{1,3}):([0-5]?\d(?:[.,]\d+)?)$/;

/** The number in the field's own unit, else why there is none. */
function readParts(text: string, units: Readonly<Record<string, number>>, rules: NumberRules): number | string {
  const whole = wholePattern.exec(text);
  if (whole !== null) {
    const [, sign = '', digits = '', unit = ''] = whole;
    const factor = unit === '' ? 1 : units[unit.trim()];
    if (factor === undefined) return `“${cut(unit)}” is not a unit of this field. ${hint(rules)}`;
    const number = readAmount(digits.trim(), factor, rules);
    return typeof number === 'string' ? number : (sign === '-' ? -1 : 1) * number;
  }
  const isTime = units['ms'] !== undefined && units['min'] !== undefined;
  if (isTime) {
    const clock = clockPattern.exec(text);
    if (clock !== null) {
      const [, hours = '0', minutes = '0', seconds = '0'] = clock;
      const ms = Number(hours) * hour + Number(minutes) * minute + Number(seconds.replace(',', '.')) * second;
      return tidy(ms * units['ms']!);
    }
    const parts = [...text.matchAll(partPattern)];
    if (parts.length > 1 && text.replaceAll(partPattern, '').trim() === '') {
      let sum = 0;
      for (const [, digits = '', unit = ''] of parts) {
        const part = readAmount(digits.trim(), units[unit]!, rules);
        if (typeof part === 'string') return part;
        sum += part;
      }
      return tidy(sum);
    }
  }
  return `“${cut(text)}” is not a number. ${hint(rules)}`;
}

const groups = /^\d{1,3}(?:([ '’_.,])\d{3})(?:\1\d{3})*$/;

/** Reads digits with a point or a comma, and with thousands set apart, times what the unit is worth. */
function readAmount(text: string, factor: number, rules: NumberRules): number | string {
  const [digits = '', exponent = '0'] = text.split('e');
  const scaled = (number: number) => tidy(number * 10 ** Number(exponent) * factor);
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  const mark = digits[last];
  const unread = `“${cut(text)}” is not a number. ${hint(rules)}`;
  if (mark === undefined) {
    if (!/^\d+$/.test(digits) && !groups.test(digits)) return unread;
    return scaled(Number(digits.replaceAll(/\D/g, '')));
  }
  const before = digits.slice(0, last);
  const after = digits.slice(last + 1);
  const asDecimal =
    /^\d*$/.test(after) && (before === '' || /^\d+$/.test(before) || (groups.test(before) && !before.includes(mark)))
      ? scaled(Number(`${before.replaceAll(/\D/g, '') || '0'}.${after || '0'}`))
      : null;
  // A point alone is the mark of a fraction here, as in 1.500; a comma may be either.
  const isGrouped = groups.test(digits) && (mark === ',' || digits.split(mark).length > 2);
  const asGroups = isGrouped && !digits.startsWith('0') ? scaled(Number(digits.replaceAll(/\D/g, ''))) : null;
  const readings = [asDecimal, asGroups].filter((number) => number !== null);
  const fitting = rules.isInteger === true ? readings.filter(Number.isInteger) : readings;
  const [first, second_] = fitting.length > 0 ? fitting : readings;
  if (first === undefined) return unread;
  if (second_ === undefined) return first;
  return `“${cut(text)}” is ambiguous. Write ${before}.${after} or ${digits.replaceAll(/\D/g, '')}.`;
}

/** Without what binary fractions add: 1.1 s is 1,100 ms. */
function tidy(number: number): number {
  return Number.isFinite(number) ? Number(number.toPrecision(15)) : number;
}

function within(number: number, rules: NumberRules): ReadNumber {
  const { min = -Infinity, max = Infinity, isMinExcluded = false, isInteger = false } = rules;
  const isTooSmall = isMinExcluded ? number <= min : number < min;
  if (!isTooSmall && number <= max && Number.isFinite(number)) {
    if (!isInteger || Number.isInteger(number)) return { kind: 'value', value: number };
    const value = Math.min(max, Math.max(Math.ceil(min), Math.round(number)));
    return { kind: 'other', value, words: `Whole numbers only: ${show(number)} became ${show(value)}.` };
  }
  const bounds =
    rules.min === undefined
      ? `at most ${show(max)}`
      : rules.max === undefined
        ? `${isMinExcluded ? 'more than' : 'at least'} ${show(min)}`
        : isMinExcluded
          ? `more than ${show(min)} and at most ${show(max)}`
          : `from ${show(min)} to ${show(max)}`;
  const nearest = isTooSmall ? (isMinExcluded ? null : min) : max;
  const value = nearest !== null && Number.isFinite(nearest) ? nearest : null;
  const unit = rules.unit === undefined ? '' : ` ${rules.unit}`;
  const words = `Takes ${bounds}${unit}, not ${show(number)}.`;
  return { kind: 'other', value, words: value === null ? words : `${words} It is ${show(value)} now.` };
}

function show(number: number): string {
  return Math.abs(number) < 1e15 ? number.toLocaleString('en-US', { maximumFractionDigits: 6 }) : String(number);
}

function hint(rules: NumberRules): string {
  const { unit } = rules;
  return unit === undefined ? 'Write a plain number.' : `Write a number in ${unit}, as ${examples[unit] ?? '10'}.`;
}

function cut(text: string): string {
  const short = text.trim();
  return short.length > 24 ? `${short.slice(0, 24).toWellFormed()}…` : short;
}
