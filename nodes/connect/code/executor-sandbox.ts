import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import releaseSync from '@jitl/quickjs-wasmfile-release-sync';

/** Its types are those of its CommonJS form; loaded as a module, its default is the variant itself. */
const variant = releaseSync as unknown as QuickJSSyncVariant;

/** The part of the platform that is used; Node has it, but its types do not. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => object;
};

/** One piece of code to be run, with what it works on. */
export interface CodeOrder {
  /** The body of a function; `await` and `return` may stand in it. */
  readonly code: string;
  /** What its names stand for, as JSON. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly timeLimitMs: number;
}

/** Says before the reply that the time limit counts from now. */
export interface CodeBegun {
  readonly kind: 'begun';
}

/** How it ended. `value` is JSON; undefined where nothing was returned. */
export type CodeReply =
  | { readonly kind: 'done'; readonly value: string | undefined; readonly log: string }
  | {
      readonly kind: 'failed';
      /** Its class and words: `TypeError: x is not a function`. */
      readonly message: string;
      /** Counted from 1, in the code as it was written; null where it is not known. */
      readonly line: number | null;
      readonly column: number | null;
      readonly log: string;
    }
  | { readonly kind: 'time' | 'memory'; readonly log: string };

/** Pages of 64 KiB: 64 MiB for the code and all that it makes. */
const maxPages = 1_024;
const initialPages = 256;
/** Bytes of native stack; deeper calls are an error of the code. */
const maxStackBytes = 256 * 1024;
const maxLogCharacters = 8_000;
const fileName = 'code.js';

/**
 * What stands in a fresh context before the code: the console that is given back, and no clock and no chance, since the
 * same inputs have to give the same outputs.
 */
const prelude = `(() => {
  const lines = [];
  let size = 0;
  const shown = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return String(value);
    try { return JSON.stringify(value) ?? String(value); } catch { return String(value); }
  };
  const write = (...values) => {
    const line = values.map(shown).join(' ');
    size += line.length + 1;
    if (size <= ${maxLogCharacters}) lines.push(line);
    else if (lines.at(-1) !== '…') lines.push('…');
  };
  globalThis.console = Object.freeze({ log: write, info: write, warn: write, error: write, debug: write });
  const noClock = () => {
    throw new Error('There is no clock here, so that the same inputs give the same outputs. Connect the time as an input.');
  };
  const Real = Date;
  const Fixed = function Date(...parts) {
    if (!new.target || parts.length === 0) noClock();
    return Reflect.construct(Real, parts, new.target);
  };
  Fixed.prototype = Real.prototype;
  Fixed.prototype.constructor = Fixed;
  Fixed.UTC = Real.UTC;
  Fixed.parse = Real.parse;
  Fixed.now = noClock;
  globalThis.Date = Fixed;
  let state = 0x9e3779b9;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => lines.join('\\n');
})()`;

/**
 * Runs code in a fresh machine of its own: no network, no files, no timers, nothing of this process. `begun` hears when the
 * machine stands and the time limit begins to count.
 */
export async function runCode({ code, inputs, timeLimitMs }: CodeOrder, begun: () => void): Promise<CodeReply> {
  const wasmMemory = new WebAssembly.Memory({ initial: initialPages, maximum: maxPages });
  const quickJs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory: wasmMemory as never }));
  const runtime = quickJs.newRuntime();
  runtime.setMaxStackSize(maxStackBytes);
  const context = runtime.newContext();
  begun();
  const endsAt = Date.now() + timeLimitMs;
  let isLate = false;
  runtime.setInterruptHandler(() => (isLate ||= Date.now() > endsAt));
  let readLog: QuickJSHandle | null = null;
  const log = (): string => {
    if (readLog === null) return '';
    const read = context.callFunction(readLog, context.undefined);
    return read.error ? '' : context.getString(read.value);
  };
  try {
    readLog = context.unwrapResult(context.evalCode(prelude, 'prelude.js'));
    const names = Object.keys(inputs);
    const values = names.map((name) => parsed(context, inputs[name] ?? 'null'));
    // The code begins on a line of its own, so its lines are counted as they are written, less this one.
    const source = `(async function (${names.join(', ')}) { "use strict";\n${code}\n})`;
    const made = context.evalCode(source, fileName);
    if (made.error) return ended(context, made.error, { isLate, log });
    const called = context.callFunction(made.value, context.undefined, ...values);
    if (called.error) return ended(context, called.error, { isLate, log });
    runtime.executePendingJobs();
    const state = context.getPromiseState(called.value);
    if (state.type === 'pending') {
      if (isLate) return { kind: 'time', log: '' };
      return {
        kind: 'failed',
        message: 'The code waits for something that never comes: there are no timers and no network here.',
        line: null,
        column: null,
        log: log(),
      };
    }
    if (state.type === 'rejected') return ended(context, state.error, { isLate, log });
    const stringify = context.getProp(context.getProp(context.global, 'JSON'), 'stringify');
    const json = context.callFunction(stringify, context.undefined, state.value);
    if (json.error) return ended(context, json.error, { isLate, log });
    const value = context.typeof(json.value) === 'string' ? context.getString(json.value) : undefined;
    return { kind: 'done', value, log: log() };
  } catch (error) {
    if (isLate) return { kind: 'time', log: '' };
    // The machine itself gave up: it has no room left, not even for an error.
    if (isMemory(error)) return { kind: 'memory', log: '' };
    throw error;
  }
  // Nothing is given back: the machine is dropped as a whole, whatever state it is in.
}

function parsed(context: QuickJSContext, json: string): QuickJSHandle {
  const text = context.newString(json);
  const parse = context.getProp(context.getProp(context.global, 'JSON'), 'parse');
  return context.unwrapResult(context.callFunction(parse, context.undefined, text));
}

function ended(
  context: QuickJSContext,
  error: QuickJSHandle,
  { isLate, log }: { readonly isLate: boolean; readonly log: () => string },
): CodeReply {
  if (isLate) return { kind: 'time', log: '' };
  const thrown: unknown = context.dump(error);
  if (isMemory(thrown)) return { kind: 'memory', log: '' };
  const { name, message, stack, lineNumber } =
    typeof thrown === 'object' && thrown !== null ? (thrown as Readonly<Record<string, unknown>>) : {};
  const words =
    typeof message === 'string'
      ? `${typeof name === 'string' ? name : 'Error'}: ${message}`
      : `Thrown: ${typeof thrown === 'string' ? thrown : JSON.stringify(thrown)}`;
  const [, line = typeof lineNumber === 'number' ? String(lineNumber) : undefined, column] =
    new RegExp(`${fileName.replace('.', '\\.')}:(\\d+)(?::(\\d+))?`).exec(typeof stack === 'string' ? stack : '') ?? [];
  return {
    kind: 'failed',
    message: words.slice(0, 1_000),
    line: line === undefined ? null : Math.max(1, Number(line) - 1),
    column: column === undefined ? null : Number(column),
    log: log(),
  };
}

/** Of the code, or of the machine: an error of either that has no room. */
function isMemory(error: unknown): boolean {
  if (error === null) return true;
  if (typeof error !== 'object') return false;
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  return /out of memory|memory access out of bounds|cannot enlarge memory|unreachable|OOM/i.test(
    `${String(name)} ${String(message)}`,
  );
}
