import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { isFormType } from '../../http/form.ts';
import { parseJson } from '../../http/json-body.ts';
import { hookBodyLimits } from '../../limits/limits.ts';

/** What a mapping is asked of. */
export interface ReadDelivery {
  readonly body: JsonValue;
  readonly query: Readonly<Record<string, JsonValue>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a multipart form: the ids of its files by their names in it. */
  readonly files: Readonly<Record<string, JsonValue>>;
}

/** Headers that hold secrets of whoever sends. */
const secretHeaders: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key'];

/** Headers as they are kept: each one text, without those that hold secrets. */
export function keptHeaders(headers: IncomingHttpHeaders, secret: string | null): Record<string, string> {
  const left = new Set([...secretHeaders, ...(secret === null ? [] : [secret.toLowerCase()])]);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || left.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** A multipart form is kept as `FormDelivery`. */
const keptFormSchema = z.object({ body: z.record(z.string(), z.json()), files: z.record(z.string(), z.json()) });

/**
 * What a body holds by its type: JSON, the fields of a form, else text; null where there is none. Forms that carry JSON in a
 * field `payload`, as GitHub's and Slack's do, have it read. Only a multipart form has files, by their names in it.
 * Throws BAD_JSON, JSON_TOO_DEEP, FORBIDDEN_KEY for JSON that cannot be taken.
 */
export function readContent(bytes: Buffer, contentType: string | undefined): Pick<ReadDelivery, 'body' | 'files'> {
  if (!isFormType(contentType) || bytes.length === 0) return { body: readBody(bytes, contentType), files: {} };
  const { body, files } = keptFormSchema.parse(JSON.parse(bytes.toString('utf8')));
  return { body: withPayload(body), files };
}

function readBody(bytes: Buffer, contentType: string | undefined): JsonValue {
  if (bytes.length === 0) return null;
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) return parseJson(bytes, hookBodyLimits) as JsonValue;
  if (type === 'application/x-www-form-urlencoded') return readFields(bytes);
  return bytes.toString('utf8').replaceAll('\0', '');
}

function readFields(bytes: Buffer): JsonValue {
  const form: Record<string, JsonValue> = {};
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    if (name !== '__proto__') form[name] = value.replaceAll('\0', '');
  }
  return withPayload(form);
}

function withPayload(form: Record<string, JsonValue>): Record<string, JsonValue> {
  const payload = form['payload'];
  if (typeof payload !== 'string' || !payload.startsWith('{')) return form;
  return { ...form, payload: parseJson(Buffer.from(payload), hookBodyLimits) as JsonValue };
}
