import { z } from 'zod';
import { assetIdOf } from '../api/assets.ts';
import { rowOf, type FileType } from '../data-types/table.ts';
import { wrongFormat } from '../interface/input-value.ts';
import { acceptedSchema } from '../interface/settings.ts';
import { TerminalError } from '../errors/app-error.ts';
import { defineNode, type NodeDefinition } from './definition.ts';
import { defineExecutor, type NodeExecutor } from './executor.ts';
import { holding } from './schema-fields.ts';

/** A file in the `data` of a node, as an upload leaves it there. */
export const fileValueSchema = z.object({
  url: z.string().min(1).max(4_096),
  name: z.string().max(255).default(''),
  type: z.string().max(255).default(''),
});

/**
 * A field that a file is uploaded into. The text field `addressField`, where the
 * node has one, says where a file is instead: it is drawn together with this one, and either empties the other.
 */
export function fileField(dataType: FileType, addressField?: string) {
  return holding(fileValueSchema.optional().meta({ title: 'File', control: 'file', dataType, addressField }), 'file');
}

interface FileConfig {
  readonly file?: z.output<typeof fileValueSchema> | undefined;
  readonly address?: string | undefined;
}

/** What tells one file node from another. */
export interface FileNode {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** What people call it besides its title. */
  readonly keywords: readonly string[];
  readonly dataType: FileType;
  /** The field with the address. */
  readonly addressField: string;
}

/** A node type whose output is a file of one type: uploaded, or given by its address. A file wins over an address. */
export function defineFileNode({
  type,
  title,
  description,
  dataType,
  addressField,
  keywords,
}: FileNode): NodeDefinition {
  const { icon, noun } = rowOf(dataType);
  const configOf = (config: Readonly<Record<string, unknown>>): FileConfig => ({
    file: config['file'] as FileConfig['file'],
    address: config[addressField] as string | undefined,
  });
  const assetOf = (config: Readonly<Record<string, unknown>>) => assetIdOf(sourceOf(configOf(config)));
  return defineNode<z.ZodObject>({
    type,
    version: 1,
    title,
    description,
    category: 'input',
    keywords: ['upload', 'url', 'address', 'import', 'file', ...keywords],
    icon,
    inputs: [],
    outputs: [{ id: 'output', title, dataType }],
    configSchema: z.object({
      label: z.string().max(255).optional(),
      file: fileField(dataType, addressField),
      input: acceptedSchema,
      [addressField]: holding(
        z.string().optional().meta({ title: 'URL', control: 'url', placeholder: 'https://…' }),
        'address',
      ),
    }),
    defaults: { label: title },
    mainField: addressField,
    value: { field: addressField, fileField: 'file' },
    look: { height: 320, showsOutput: true },
    // An uploaded asset is a look-up; anything else has to be fetched or decoded first.
    costClass: (config) => (assetOf(config) === null ? 'io' : 'inline'),
    // An address can show something else tomorrow.
    isDeterministic: (config) => assetOf(config) !== null,
    outputsAhead: (config) => {
      const assetId = assetOf(config);
      return assetId === null ? null : { output: { assetId, kind: dataType } };
    },
    check: (config) => (sourceOf(configOf(config)) !== '' ? [] : [{ field: 'file', message: nothingYet(noun) }]),
  });
}

/** What such a node does: it turns its upload, web address or data URL into an asset. */
export function defineFileExecutor(definition: NodeDefinition, { dataType, addressField }: FileNode): NodeExecutor {
  return defineExecutor(definition, async ({ config, assets, signal }) => {
    const {
      file,
      input: accepted,
      [addressField]: address,
    } = config as {
      readonly file?: FileConfig['file'];
      readonly input?: z.output<typeof acceptedSchema>;
    } & Record<string, unknown>;
    const source = sourceOf({ file, address: address as string | undefined }).trim();
    if (source === '') throw new TerminalError('NODE_DATA_INVALID', nothingYet(rowOf(dataType).noun));
    const output = await assets.resolve(source, { kind: dataType, signal });
    const wrong = accepted === undefined ? null : wrongFormat(accepted, output);
    if (wrong !== null) throw new TerminalError('RUN_INPUT_INVALID', `The file does not fit this input. ${wrong}`);
    return { output };
  });
}

function sourceOf({ file, address }: FileConfig): string {
  return file?.url ?? address ?? '';
}

function nothingYet(noun: string): string {
  return `No ${noun} yet. Upload a file or enter a URL.`;
}
