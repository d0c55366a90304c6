import { z } from 'zod';
import type { NamedWorkflow } from '../../core/api/by-name.ts';
import { addressPattern, invalid, parseAssignment, readText, type UploadedFile } from './inputs.ts';

const propertiesSchema = z.record(
  z.string(),
  z.looseObject({ type: z.string().optional(), control: z.string().optional() }),
);

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
  const values: [string, unknown][] = [];
  for (const { name, value, schema } of assignments) {
    if (schema.control === 'file') values.push([name, addressPattern.test(value) ? value : (await upload(value)).url]);
    else values.push([name, schema.type === 'string' ? await readText(value) : jsonOr(await readText(value))]);
  }
  return Object.fromEntries(values);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
