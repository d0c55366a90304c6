import { z } from 'zod';
import { TerminalError } from '../errors/app-error.ts';

/** Values by the names of the workflow's inputs, for one run each. */
export type Row = Readonly<Record<string, unknown>>;

const propertiesSchema = z.record(z.string(), z.looseObject({ type: z.string().optional() }));

/** The types of a workflow's inputs by name, from their JSON schema; null: of any type. */
export type InputTypes = ReadonlyMap<string, string | null>;

/** Reads the types out of the schema that a workflow's interface gives for its inputs. */
export function inputTypesOf(inputs: Readonly<Record<string, unknown>>): InputTypes {
  const properties = propertiesSchema.parse(inputs['properties'] ?? {});
  return new Map(Object.entries(properties).map(([name, { type }]) => [name, type ?? null]));
}

/**
 * The rows of a file by the ending of its name: a table (`.csv`, `.tsv`, with the names of inputs in its first line), or JSON
 * (`.jsonl`, `.ndjson`, `.json`: an object on each line, or one list of them). Throws REQUEST_INVALID with the line.
 */
export function readRows(name: string, text: string, types: InputTypes): readonly Row[] {
  const plain = text.replace(/^\uFEFF/, '');
  const rows = /\.(?:jsonl|ndjson|json)$/i.test(name) ? jsonRows(plain) : tableRows(plain, types);
  if (rows.length === 0) throw invalid(`"${name}" has no rows. Give at least one after the line with the names.`);
  return rows;
}

function jsonRows(text: string): Row[] {
  if (text.trimStart().startsWith('[')) {
    const list = parse(text, 'The file');
    return (list as readonly unknown[]).map((row, index) => rowOf(row, `Element ${index + 1}`));
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    const place = `Line ${index + 1}`;
    return line.trim() === '' ? [] : [rowOf(parse(line, place), place)];
  });
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(`${place} is no JSON. Write one object for each row, such as {"topic": "tea"}.`);
  }
}

function rowOf(value: unknown, place: string): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw invalid(`${place} is no JSON object. Write one such as {"topic": "tea"}.`);
}

function tableRows(text: string, types: InputTypes): Row[] {
  const [header, ...records] = tableOf(text);
  if (header === undefined) return [];
  const names = header.cells.map((cell) => cell.trim().replace(/^input\./, ''));
  const known = [...types.keys()].join(', ');
  const strange = names.filter((name) => !types.has(name));
  if (strange.length > 0) {
    const advice = known === '' ? 'It has none.' : `Name the columns by some of: ${known}.`;
    throw invalid(`The workflow has no input "${strange[0]!.slice(0, 100)}". ${advice}`);
  }
  if (new Set(names).size < names.length) throw invalid('Two columns have the same name. Rename or remove one.');
  return records.map(({ line, cells }) => {
    if (cells.length > names.length) {
      throw invalid(`Line ${line} has ${cells.length} cells; there are ${names.length} columns. Remove the others.`);
    }
    return Object.fromEntries(
      cells.flatMap((cell, column) =>
        cell === '' ? [] : [[names[column]!, valueOf(cell, types.get(names[column]!)!)]],
      ),
    );
  });
}

/** What a cell means for an input of a type; text that is no such value stays text, and is told of where rows are checked. */
function valueOf(cell: string, type: string | null): unknown {
  switch (type) {
    case 'number':
    case 'integer': {
      const text = cell.trim();
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : cell;
    }
    case 'boolean':
      return /^true$/i.test(cell.trim()) ? true : /^false$/i.test(cell.trim()) ? false : cell;
    case 'string':
      return cell;
    case 'array': {
      const list = jsonOr(cell);
      return Array.isArray(list) ? list : [cell];
    }
    case null:
    default:
      return jsonOr(cell);
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface TableRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** RFC 4180, with whichever of comma, semicolon and tab the first line has most of; lines without anything are left out. */
function tableOf(text: string): TableRecord[] {
  const first = text.slice(0, Math.max(0, text.search(/\r?\n|$/)));
  const count = (mark: string) => first.split(mark).length;
  const mark = [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
  const records: TableRecord[] = [];
  let cells: string[] = [];
  let [cell, line, begun] = ['', 1, 1];
  let isQuoted = false;
  const endRecord = () => {
    cells.push(cell);
    if (cells.length > 1 || cells[0] !== '') records.push({ line: begun, cells });
    [cells, cell] = [[], ''];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '\n') line += 1;
    if (isQuoted) {
      const isEscaped = char === '"' && text[at + 1] === '"';
      if (char !== '"' || isEscaped) cell += char;
      else isQuoted = false;
      if (isEscaped) at += 1;
    } else if (char === '"' && cell === '') {
      isQuoted = true;
    } else if (char === mark) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n' || (char === '\r' && text[at + 1] !== '\n')) {
      endRecord();
      begun = line;
    } else if (char !== '\r') {
      cell += char;
    }
  }
  if (isQuoted) throw invalid(`The quotation mark of line ${begun} is not closed. Add one.`);
  endRecord();
  return records;
}

function invalid(message: string): TerminalError {
  return new TerminalError('REQUEST_INVALID', message);
}
