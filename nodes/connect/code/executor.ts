import { rowOf, type DataType } from '../../../core/data-types/table.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import {
  dataTypeOf,
  isAssetReference,
  type AssetReference,
  type NodeInputs,
  type NodeOutputs,
  type OutputValue,
} from '../../../core/node-type/values.ts';
import { codeNode, type CodeConfig } from './definition.ts';
import { runInProcess } from './executor-processes.ts';
import type { CodeReply } from './executor-sandbox.ts';

/** Throws CODE_FAILED with the line, CODE_LIMIT for time and memory, and TYPE_MISMATCH for outputs that do not fit. */
export const codeExecutor = defineExecutor(codeNode, async ({ config, inputs, signal }) => {
  const given = Object.fromEntries(
    config.inputs.map(({ id, name }) => [name, JSON.stringify(Object.hasOwn(inputs, id) ? inputs[id] : null)]),
  );
  const timeLimitMs = config.timeLimit * 1_000;
  const reply = await runInProcess({ code: config.code, inputs: given, timeLimitMs }, signal);
  if (reply.kind !== 'done') throw failureOf(reply, config);
  const { value, log } = reply;
  return { ...outputsOf(value, config, filesIn(inputs)), console: log };
});

function failureOf(reply: Exclude<CodeReply, { kind: 'done' }>, { timeLimit }: CodeConfig): TerminalError {
  switch (reply.kind) {
    case 'time':
      return new TerminalError(
        'CODE_LIMIT',
        `The code ran longer than ${timeLimit} s. Make it do less, or raise its time limit.`,
        { details: { field: 'timeLimit' } },
      );
    case 'memory':
      return new TerminalError('CODE_LIMIT', 'The code needs more than 64 MB of memory. Make it keep less at once.', {
        details: { field: 'code' },
      });
    case 'failed': {
      const { message, line, column, log } = reply;
      const said = log === '' ? '' : ` Console: ${log.slice(-1_000)}`;
      return new TerminalError(
        'CODE_FAILED',
        `${line === null ? '' : `Line ${line}: `}${message.replace(/\.?$/, '.')} Correct the code.${said}`,
        { details: { field: 'code', line, column } },
      );
    }
  }
}

/** The values of all outputs. One output takes what is returned, unless that is an object with its name. */
function outputsOf(
  json: string | undefined,
  { outputs }: CodeConfig,
  files: ReadonlyMap<string, AssetReference>,
): NodeOutputs {
  const returned = json === undefined ? undefined : parsed(json);
  const named = typeof returned === 'object' && returned !== null && !Array.isArray(returned) ? returned : null;
  const [only] = outputs;
  const isNamed = named !== null && outputs.some(({ name }) => Object.hasOwn(named, name));
  if (!isNamed && outputs.length === 1 && only !== undefined) {
    return { [only.id]: valueOf(returned, only.name, only.type, files) };
  }
  return Object.fromEntries(
    outputs.map(({ id, name, type }) => {
      const value = named !== null && Object.hasOwn(named, name) ? (named as Record<string, unknown>)[name] : undefined;
      return [id, valueOf(value, name, type, files)];
    }),
  );
}

/** Code can put its own in the place of what writes JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new TerminalError('CODE_FAILED', 'What the code returned is not JSON. Return plain values.', {
      details: { field: 'code' },
      cause,
    });
  }
}

function valueOf(
  value: unknown,
  name: string,
  type: DataType,
  files: ReadonlyMap<string, AssetReference>,
): OutputValue {
  if (value === undefined) {
    throw new TerminalError(
      'CODE_FAILED',
      `The code returns no value for the output "${name}". Return { ${name}: ... }; null stands for nothing.`,
      { details: { field: 'code', output: name } },
    );
  }
  const own = withOwnFiles(value as OutputValue, name, files);
  const actual = own === null ? null : dataTypeOf(own);
  if (type === 'any' || own === null || actual === type || (type === 'json' && actual !== null)) return own;
  throw new TerminalError(
    'TYPE_MISMATCH',
    `The output "${name}" is to be ${rowOf(type).named}, but the code returned ${
      actual === null ? 'something with files in it' : rowOf(actual).named
    }. Return another value, or change the type of the output.`,
    { details: { field: 'outputs', output: name, expected: type, actual } },
  );
}

/** Files come in and go out by reference: one that did not come in is nobody's to give. */
function withOwnFiles(value: OutputValue, name: string, files: ReadonlyMap<string, AssetReference>): OutputValue {
  if (Array.isArray(value)) return value.map((item) => withOwnFiles(item, name, files));
  if (typeof value !== 'object' || value === null) return value;
  if (!isAssetReference(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOwnFiles(item, name, files)]));
  }
  const file = files.get(value.assetId);
  if (file !== undefined) return file;
  throw new TerminalError(
    'TYPE_MISMATCH',
    `The output "${name}" holds a file that did not come in by an input. Return one of the files that did.`,
    { details: { field: 'code', output: name } },
  );
}

function filesIn(inputs: NodeInputs): ReadonlyMap<string, AssetReference> {
  const files = new Map<string, AssetReference>();
  const left: unknown[] = Object.values(inputs);
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (isAssetReference(value)) files.set(value.assetId, value);
    else if (typeof value === 'object' && value !== null) left.push(...Object.values(value));
  }
  return files;
}
