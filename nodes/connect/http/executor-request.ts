import { formatOf } from '../../../core/data-types/files.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { ExecutionContext } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import {
  isAssetReference,
  type AssetReference,
  type JsonValue,
  type NodeInputs,
} from '../../../core/node-type/values.ts';
import type { Secret, WebBody, WebPart, WebRequest } from '../../../core/node-type/web-tools.ts';
import { parseTemplate, type Placeholder } from '../../text/template/template.ts';
import { valueAt, written } from '../../text/template/executor.ts';
import type { HttpConfig } from './definition.ts';
import { hasBody, textsOf } from './handles.ts';
import { placesIn, readJson, readLines, secretOf } from './request-text.ts';

type Context = Pick<ExecutionContext<HttpConfig>, 'config' | 'inputs' | 'assets' | 'web' | 'idempotencyKey'>;

/** To do them twice is to do them once. */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** The request of a node: its places filled in. Throws INPUT_MISSING, TYPE_MISMATCH, SECRET_NOT_FOUND, NODE_DATA_INVALID. */
export async function buildRequest(context: Context): Promise<WebRequest> {
  const { config, inputs, web, idempotencyKey } = context;
  const names = textsOf(config).flatMap(([, text]) => placesIn(text).map(secretOf));
  const used = new Set(names.filter((name) => name !== null));
  if (config.auth !== 'none') used.add(config.secret);
  const secrets = await web.secrets([...used]);
  const fill = filler(inputs, secrets);
  const headers = readLines(config.headers, ':').lines.map(
    ({ name, value }) => [name, headerValue(name, fill(value))] as const,
  );
  const has = (name: string) => headers.some(([header]) => header.toLowerCase() === name);
  const body = hasBody(config) ? await bodyOf(context, secrets, fill) : undefined;
  return {
    method: config.method,
    url: urlOf(config, inputs, fill),
    headers: [
      ...headers,
      ...authOf(config, secrets),
      ...(config.repeat === 'always' && !has('idempotency-key') ? [['Idempotency-Key', idempotencyKey] as const] : []),
    ],
    ...(body !== undefined && { body }),
    secrets: [...secrets.values()],
    repeat: config.repeat === 'auto' ? (repeatable.has(config.method) ? 'always' : 'unsent') : config.repeat,
  };
}

/** Fills the places of a text in; `encode` is for values alone, never for what the author wrote. */
type Fill = (text: string, encode?: (value: string, isFirst: boolean) => string) => string;

function filler(inputs: NodeInputs, secrets: ReadonlyMap<string, Secret>): Fill {
  return (text, encode = (value) => value) =>
    parseTemplate(text)
      .parts.map((part, index) =>
        typeof part === 'string' ? part : encode(valueOf(part, inputs, secrets), index === 0),
      )
      .join('');
}

function valueOf(place: Placeholder, inputs: NodeInputs, secrets: ReadonlyMap<string, Secret>): string {
  const secret = secretOf(place);
  return secret === null ? written(place, inputs) : (secrets.get(secret)?.value ?? '');
}

function urlOf({ url, query }: HttpConfig, inputs: NodeInputs, fill: Fill): string {
  // A place at the beginning is an address; elsewhere a value must not become another path or parameter.
  const address =
    textInput(inputs, 'url') ?? fill(url, (value, isFirst) => (isFirst ? value : encodeURIComponent(value)));
  const pairs = readLines(query, '=').lines.map(({ name, value }) => [name, fill(value)] as [string, string]);
  if (pairs.length === 0) return address.trim();
  const [before = '', fragment] = address.trim().split('#', 2);
  const joint = before.includes('?') ? '&' : '?';
  return `${before}${joint}${new URLSearchParams(pairs).toString()}${fragment === undefined ? '' : `#${fragment}`}`;
}

function authOf({ auth, user, keyHeader, secret }: HttpConfig, secrets: ReadonlyMap<string, Secret>) {
  const { value = '' } = secrets.get(secret) ?? {};
  switch (auth) {
    case 'none':
      return [];
    case 'bearer':
      return [['Authorization', headerValue('Authorization', `Bearer ${value}`)]] as const;
    case 'basic':
      return [['Authorization', `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}`]] as const;
    case 'header':
      return [[keyHeader, headerValue(keyHeader, value)]] as const;
  }
}

/** A line break would begin another header; other signs beyond Latin-1 cannot be sent. */
function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `The header "${name}" would hold a line break or a character that headers cannot have. Send the value in the body instead.`,
    { details: { field: 'headers' } },
  );
}

async function bodyOf(
  { config, inputs, assets }: Context,
  secrets: ReadonlyMap<string, Secret>,
  fill: Fill,
): Promise<WebBody> {
  const { body, bodyType } = config;
  switch (bodyType) {
    case 'json': {
      const read = readJson(body);
      if (read === null) throw new TerminalError('NODE_DATA_INVALID', 'The content is not JSON. Correct it.');
      const value = filledJson(
        read.value as JsonValue,
        (place) => {
          const secret = secretOf(place);
          return secret === null ? valueAt(place, inputs) : (secrets.get(secret)?.value ?? '');
        },
        fill,
      );
      return { kind: 'text', text: JSON.stringify(value), mimeType: 'application/json' };
    }
    case 'form': {
      const pairs = readLines(body, '=').lines.map(({ name, value }) => [name, fill(value)] as [string, string]);
      const text = new URLSearchParams(pairs).toString();
      return { kind: 'text', text, mimeType: 'application/x-www-form-urlencoded' };
    }
    case 'multipart': {
      const parts: WebPart[] = [];
      for (const { name, value } of readLines(body, '=').lines) {
        const files = filesAt(value, inputs);
        if (files === null) parts.push({ name, value: fill(value) });
        else for (const file of files) parts.push(await partOf(name, file, assets));
      }
      return { kind: 'parts', parts };
    }
    case 'file': {
      const file = inputs['file'];
      if (isAssetReference(file)) return { kind: 'file', file: await assets.localFile(file), mimeType: file.mimeType };
      throw new TerminalError('TYPE_MISMATCH', 'The input "file" takes a file. Connect a node that outputs one.', {
        details: { handle: 'file' },
      });
    }
    case 'none':
    case 'text':
      return { kind: 'text', text: fill(body), mimeType: 'text/plain; charset=utf-8' };
  }
}

/** A text that is one place alone becomes the value itself; within other words it is written down. */
function filledJson(value: JsonValue, at: (place: Placeholder) => JsonValue, fill: Fill): JsonValue {
  if (typeof value === 'string') {
    const { parts } = parseTemplate(value);
    const [only] = parts;
    return parts.length === 1 && only !== undefined && typeof only !== 'string' ? at(only) : fill(value);
  }
  if (Array.isArray(value)) return value.map((item) => filledJson(item, at, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledJson(item, at, fill)]));
}

/** The files that a line of a form stands for: those of an input that stands there alone. */
function filesAt(text: string, inputs: NodeInputs): readonly AssetReference[] | null {
  const { parts } = parseTemplate(text);
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || typeof only === 'string' || only.path.length > 0) return null;
  const value = Object.hasOwn(inputs, only.name) ? inputs[only.name] : undefined;
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every(isAssetReference) ? list : null;
}

async function partOf(name: string, file: AssetReference, assets: Context['assets']): Promise<WebPart> {
  const { mimeType } = file;
  const fileName = `${name}.${formatOf(mimeType)?.extension ?? 'bin'}`;
  return { name, file: await assets.localFile(file), fileName, mimeType };
}
