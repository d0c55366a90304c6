import { fileTypes } from '../data-types/table.ts';
import type { WorkflowInterface } from './json-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The names of the types that files have in `@heddle/client`. */
const fileNames = { inputs: 'FileInput', outputs: 'FileReference' } as const;
type Side = keyof typeof fileNames;

/** What a workflow takes and gives as a TypeScript module, for `createClient` of `@heddle/client`. */
export function typescriptOf({
  slug,
  name,
  version,
  inputs,
  outputs,
}: Pick<WorkflowInterface, 'inputs' | 'outputs'> & {
  readonly slug: string;
  readonly name: string;
  /** Number of the published version. */
  readonly version: number;
}): string {
  const members = [
    `  readonly inputs: ${objectOf(inputs, 'inputs', 1)};`,
    `  readonly outputs: ${objectOf(outputs, 'outputs', 1)};`,
  ].join('\n');
  const used = Object.values(fileNames).filter((type) => members.includes(type));
  const imports = used.length === 0 ? '' : `import type { ${used.join(', ')} } from '@heddle/client';\n\n`;
  const head = comment(`${name}: version ${version} of "${slug}". Made by \`heddle types ${slug}\`.`, 0);
  return `${imports}${head}export interface ${typeName(slug)} {\n${members}\n}\n`;
}

/** `product-shot` is ProductShot; a name of a type does not begin with a digit. */
function typeName(slug: string): string {
  const words = slug.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return words.join('').replace(/^(?=\d)/, 'Workflow');
}

function objectOf(schema: Schema, side: Side, level: number): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>);
  const isOpen = schema['additionalProperties'] !== false && side === 'inputs' && level > 1;
  if (properties.length === 0) return isOpen ? 'Readonly<Record<string, unknown>>' : 'Readonly<Record<string, never>>';
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const indent = '  '.repeat(level + 1);
  const lines = properties.map(([name, property]) => {
    // What has arrived is a matter of the run; what has to be given is one of the workflow.
    const mark = side === 'outputs' || required.has(name) ? '' : '?';
    return `${commentOf(name, property, level + 1)}${indent}readonly ${keyOf(name)}${mark}: ${typeOf(property, side, level + 1)};`;
  });
  if (isOpen) lines.push(`${indent}readonly [name: string]: unknown;`);
  return `{\n${lines.join('\n')}\n${'  '.repeat(level)}}`;
}

function typeOf(schema: Schema, side: Side, level: number): string {
  const { type, dataType } = schema;
  if (fileTypes.some((fileType) => fileType === dataType)) return fileNames[side];
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ') || 'never';
  if (Object.hasOwn(schema, 'const')) return JSON.stringify(schema['const']);
  const types = Array.isArray(type) ? type : [type];
  return [...new Set(types.map((each) => plainType(each, schema, side, level)))].join(' | ');
}

function plainType(type: unknown, schema: Schema, side: Side, level: number): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const items = schema['items'] as Schema | undefined;
      return `ReadonlyArray<${items === undefined ? 'unknown' : typeOf(items, side, level)}>`;
    }
    case 'object':
      return objectOf(schema, side, level);
    default:
      return 'unknown';
  }
}

/** The words for a value, with what it is by default. */
function commentOf(name: string, { title, description, default: fallback }: Schema, level: number): string {
  const words = [description ?? (title === name ? '' : title)]
    .filter((text): text is string => typeof text === 'string' && text.trim() !== '')
    .map((text) => (/[.!?…]$/.test(text.trim()) ? text : `${text.trim()}.`));
  if (fallback !== undefined) words.push(`Default: ${JSON.stringify(fallback).slice(0, 200)}.`);
  return words.length === 0 ? '' : comment(words.join(' '), level);
}

function comment(text: string, level: number): string {
  const line = text.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim();
  return `${'  '.repeat(level)}/** ${line} */\n`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
