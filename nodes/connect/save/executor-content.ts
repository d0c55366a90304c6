import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOf } from '../../../core/data-types/files.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { ExecutionContext } from '../../../core/node-type/executor.ts';
import { assetsIn, isAssetReference } from '../../../core/node-type/values.ts';
import { parseTemplate } from '../../text/template/template.ts';
import { written } from '../../text/template/executor.ts';
import type { SaveConfig } from './definition.ts';

/** What is saved, as a local file. */
export interface Content {
  readonly file: string;
  readonly mimeType: string;
  /** Without a dot. */
  readonly extension: string;
}

type Context = Pick<ExecutionContext<SaveConfig>, 'config' | 'inputs' | 'assets' | 'idempotencyKey'>;

/** Files as they are, texts as text, all else as JSON. Throws TYPE_MISMATCH for data with files in it, and for nothing. */
export async function contentOf({ inputs, assets }: Context): Promise<Content> {
  const value = Object.hasOwn(inputs, 'value') ? (inputs['value'] ?? null) : null;
  if (isAssetReference(value)) {
    const { mimeType } = value;
    return { file: await assets.localFile(value), mimeType, extension: formatOf(mimeType)?.extension ?? 'bin' };
  }
  if (value === null || assetsIn(value).length > 0) {
    throw new TerminalError(
      'TYPE_MISMATCH',
      `The input "value" takes a file, a text or data, but got ${value === null ? 'nothing' : 'data with files in it'}. ` +
        'Connect one file; a list of files is saved one by one.',
      { details: { handle: 'value' } },
    );
  }
  const file = join(assets.workDir, 'content');
  if (typeof value === 'string') {
    await writeFile(file, value);
    return { file, mimeType: 'text/plain; charset=utf-8', extension: 'txt' };
  }
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
  return { file, mimeType: 'application/json', extension: 'json' };
}

/** Longest part of a path on common file systems, with room for a number. */
const maxPart = 200;

/** The name with its places filled in: values make no folders, and nothing leaves the folder. Throws as a template does. */
export function nameOf({ config, inputs, idempotencyKey }: Context, extension: string): string {
  const known: Readonly<Record<string, string>> = { extension, execution: idempotencyKey };
  const name = parseTemplate(config.name)
    .parts.map((part) => (typeof part === 'string' ? part : safe(known[part.name] ?? written(part, inputs))))
    .join('');
  const parts = name.split('/').map((part) => part.trim());
  if (parts.every((part) => part !== '' && !/^\.+$/.test(part) && Buffer.byteLength(part) <= maxPart))
    return parts.join('/');
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `"${name.slice(0, 100)}" is not a file name, or too long. Change the name, or what is connected to it.`,
    { details: { field: 'name' } },
  );
}

/** A value as a part of a name: what separates or hides on some system becomes a dash. */
function safe(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cs}/\\:*?"<>|]+/gu, '-')
    .replace(/^[.\s-]+/, '')
    .slice(0, 100);
}

/** In lower-case hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
