import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

interface StackLog {
  /** Texts that must never be written, such as passwords; added to as they become known. */
  hide(secret: string): void;
  /** Takes one line of output of a process: JSON as pino writes it, or any text. */
  write(source: string, line: string): void;
  close(): void;
}

interface StackLogOptions {
  readonly file: string;
  /** Shows warnings and errors to the person at the terminal. */
  readonly show: (text: string) => void;
  readonly now: () => Date;
}

/** Fifty megabytes are some hundred thousand lines: enough to look back, little enough to open. */
const rotateAtBytes = 50 * 1024 * 1024;
/** pino's level of a warning. */
const warnLevel = 40;
const levelNames: Readonly<Record<number, string>> = { 40: 'warning', 50: 'error', 60: 'fatal' };
/** Shorter texts would blot out ordinary words. */
const shortestSecret = 8;

/**
 * The one log of a stack: the lines of all its processes in one file of JSON
 * lines, moved to `<file>.1` when it has grown large. Writes at once, so that
 * nothing is lost when the process ends.
 */
export function openStackLog(options: StackLogOptions): StackLog {
  mkdirSync(dirname(options.file), { recursive: true });
  const secrets = new Set<string>();
  let file = openSync(options.file, 'a', 0o600);
  let size = fstatSync(file).size;

  function append(text: string): void {
    if (size > rotateAtBytes) {
      closeSync(file);
      renameSync(options.file, `${options.file}.1`);
      file = openSync(options.file, 'a', 0o600);
      size = 0;
    }
    size += writeSync(file, text);
  }

  return {
    hide(secret) {
      if (secret.length >= shortestSecret) secrets.add(secret);
    },
    write(source, line) {
      let text = line;
      for (const secret of secrets) text = text.replaceAll(secret, '[hidden]');
      const entry = parseEntry(text);
      if (entry === undefined) {
        append(`${JSON.stringify({ level: 30, time: options.now().getTime(), name: source, msg: text })}\n`);
        return;
      }
      append(`${JSON.stringify({ source, ...entry })}\n`);
      if (entry.level >= warnLevel) options.show(describe(source, entry, options.now()));
    },
    close: () => closeSync(file),
  };
}

interface Entry {
  readonly level: number;
  readonly [field: string]: unknown;
}

function parseEntry(text: string): Entry | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const level = 'level' in parsed && typeof parsed.level === 'number' ? parsed.level : 30;
    return { ...parsed, level };
  } catch {
    return undefined;
  }
}

function describe(source: string, entry: Entry, now: Date): string {
  const level = levelNames[Math.floor(entry.level / 10) * 10] ?? 'error';
  const error = entry['err'] ?? entry['error'];
  const reason = typeof error === 'object' && error !== null && 'message' in error ? `: ${String(error.message)}` : '';
  return `${now.toTimeString().slice(0, 8)} ${source} ${level}: ${String(entry['msg'] ?? '')}${reason}`;
}
