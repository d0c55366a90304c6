import { z } from 'zod';
import type { NamedWorkflow } from '../../core/api/by-name.ts';
import { addressPattern, invalid, jsonList, parseAssignment, readText, type UploadedFile } from './inputs.ts';

const valueSchema = z.looseObject({ type: z.string().optional(), control: z.string().optional() });
const propertySchema = valueSchema.extend({ items: valueSchema.optional() });
type PropertySchema = z.infer<typeof propertySchema>;

const propertiesSchema = z.record(z.string(), propertySchema);

/**
 * The values of `--input name=value` for a published workflow: files by their address, text as it is (`@file` reads it), all
 * else as the JSON that it is. Throws REQUEST_INVALID for a name that it does not have, before anything is uploaded.
 */
export async function namedInputs(
  { slug, inputs }: Pick<NamedWorkflow, 'slug' | 'inputs'>,
  given: readonly string[],
  upload: (path: string) => Promise<UploadedFile>,
): Promise<Readonly<Record<string, unknown>>> {
  const known = new Map(Object.entries(propertiesSchema.parse(inputs['properties'])));
  const assignments = given.map((text) => {
    const { node: name, field, value } = parseAssignment(text);
    const schema = field === undefined ? known.get(name) : undefined;
    if (schema !== undefined) return { name, value, schema };
    const names = known.size === 0 ? 'It has none.' : `Give some of: ${[...known.keys()].join(', ')}.`;
    throw invalid(`"${slug}" has no input "${field === undefined ? name : `${name}.${field}`}". ${names}`);
  });
  const values = new Map<string, unknown>();
  for (const { name, value, schema } of assignments) {
    const before = values.get(name);
    values.set(
      name,
      schema.type === 'array'
        ? [...(Array.isArray(before) ? before : []), ...(await elementsFrom(value, schema))]
        : await valueFrom(value, schema),
    );
  }
  return Object.fromEntries(values);

  async function valueFrom(value: string, { type, control }: PropertySchema): Promise<unknown> {
    if (control === 'file') return addressPattern.test(value) ? value : (await upload(value)).url;
    return type === 'string' ? readText(value) : jsonOr(await readText(value));
  }

  /** Each `--input` is one more element of a list, or all of them where it is JSON. */
  async function elementsFrom(value: string, { items = {} }: PropertySchema): Promise<unknown[]> {
    const text = value.startsWith('@') && items.control !== 'file' ? await readText(value) : value;
    return jsonList(text) ?? [await valueFrom(value, items)];
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
