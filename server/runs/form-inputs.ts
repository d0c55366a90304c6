import type { Readable } from 'node:stream';
import type { AssetService, ReceivedFile } from '../../assets/asset-service.ts';
import { assetUrl } from '../../core/api/assets.ts';
import { isListType, partsOf, rowOf } from '../../core/data-types/table.ts';
import { refuseFindings } from '../../core/graph/findings.ts';
import type { WorkflowInput } from '../../core/interface/inputs.ts';
import { AppError, TerminalError } from '../../core/errors/app-error.ts';

/** Takes the parts of a form for the inputs of a workflow. */
export interface FormInputs {
  field(name: string, value: string): void;
  file(name: string, stream: Readable, fileName: string): Promise<void>;
  /** The values by name, files by their path, once everything has come. Keeps the files; none of them where one is refused. */
  take(): Promise<Readonly<Record<string, unknown>>>;
  /** Removes files that were not kept. To be called in every case. */
  dispose(): Promise<void>;
}

/**
 * A list takes the parts of its name one after the other, files and texts alike; one text that is a JSON list is all of it.
 *
 * The part `inputs` is a JSON object of values by name; each other part is the value of the input of its name: a file, or
 * text, which for inputs of other types is read as the JSON that it is. What is no JSON stays text, and is refused as such
 * where the input is none. Throws UPLOAD_INVALID; FindingsError: a file that no input takes.
 */
export function createFormInputs({
  inputs,
  assets,
  userId,
  uploadedBy,
  signal,
  parse,
}: {
  readonly inputs: readonly WorkflowInput[];
  readonly assets: Pick<AssetService, 'receive'>;
  readonly userId: string;
  /** Who uploads files; null: the owner. */
  readonly uploadedBy: string | null;
  readonly signal: AbortSignal;
  /** Reads JSON as bodies of requests are read. Throws BAD_JSON, and what such bodies are refused with. */
  readonly parse: (text: string) => unknown;
}): FormInputs {
  const known = new Map(inputs.map((input) => [input.name, input]));
  const values = new Map<string, unknown>();
  const files: [Place, ReceivedFile][] = [];
  const elementOf = (input: WorkflowInput) => partsOf(input.dataType).element;
  const isFile = (input: WorkflowInput | undefined) => input !== undefined && rowOf(elementOf(input)).file !== null;
  const isList = (name: string) => isListType(known.get(name)?.dataType ?? 'any');

  function once(name: string): void {
    if (!values.has(name) || (isList(name) && Array.isArray(values.get(name)))) return;
    throw new TerminalError(
      'UPLOAD_INVALID',
      `The form has a value for "${name.slice(0, 100)}" twice. Send each input once.`,
    );
  }

  /** Adds to a list, all of another one; how long it is then. */
  function add(name: string, value: unknown): number {
    const list = [...((values.get(name) as unknown[] | undefined) ?? []), ...[value].flat()];
    values.set(name, list);
    return list.length;
  }

  function listIn(text: string): unknown[] | null {
    const value = readValue(text);
    return Array.isArray(value) ? value : null;
  }

  /** Text and names are held to what JSON may have. */
  function check(name: string, text: string): void {
    parse(JSON.stringify(Object.fromEntries([[name, text]])));
  }

  function readValue(text: string): unknown {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof AppError && error.code === 'BAD_JSON') return text;
      throw error;
    }
  }

  return {
    field: (name, text) => {
      check(name, text);
      if (name === 'inputs' && !known.has('inputs')) {
        for (const [key, value] of Object.entries(objectOf(readValue(text)))) {
          once(key);
          values.set(key, value);
        }
        return;
      }
      once(name);
      const input = known.get(name);
      const value = input === undefined || elementOf(input) === 'text' || isFile(input) ? text : readValue(text);
      if (isList(name)) add(name, listIn(text) ?? value);
      else values.set(name, value);
    },
    file: async (name, stream, fileName) => {
      check(name, '');
      once(name);
      const input = known.get(name);
      if (!isFile(input)) {
        const shown = name.slice(0, 100);
        const path = `inputs.${shown}`;
        refuseFindings([
          input === undefined
            ? {
                code: 'RUN_INPUT_UNKNOWN',
                path,
                message: `The workflow has no input "${shown}". Send the file under the name of an input.`,
              }
            : {
                code: 'RUN_INPUT_INVALID',
                path,
                nodeIds: [input.nodeId],
                message: `The input "${shown}" takes no file. Send its value as text.`,
              },
        ]);
      }
      // Its place is held while it comes in.
      const place: Place = isList(name) ? { name, index: add(name, null) - 1 } : { name };
      if (place.index === undefined) values.set(name, null);
      files.push([place, await assets.receive(stream, { userId, uploadedBy, name: fileName, signal })]);
    },
    take: async () => {
      for (const [, file] of files) await file.check();
      for (const [{ name, index }, file] of files) {
        const url = assetUrl((await file.keep()).id);
        if (index === undefined) values.set(name, url);
        else (values.get(name) as unknown[])[index] = url;
      }
      return Object.fromEntries(values);
    },
    dispose: async () => {
      for (const [, file] of files) await file.dispose();
    },
  };
}

/** Where a file goes: the value of an input, or one of a list. */
interface Place {
  readonly name: string;
  readonly index?: number;
}

function objectOf(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TerminalError('UPLOAD_INVALID', 'The part "inputs" is not a JSON object. Send one, with values by name.');
}
