import { z } from 'zod';
import { isListType, listOf, partsOf, rowOf, type DataType, type ElementType } from '../data-types/table.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { Hash } from '../graph/fingerprint.ts';
import type { Graph } from '../graph/graph.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { assetReferenceSchema } from '../node-type/values.ts';
import { inputsOf, type WorkflowInput } from './inputs.ts';
import { outputsOf, type WorkflowOutput } from './outputs.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What a workflow takes and gives, as two JSON schemas of objects by name. */
export interface WorkflowInterface {
  /** Beside JSON Schema it has the hints of node types for forms: `control`, `dataType`, `hidden`. */
  readonly inputs: JsonSchema;
  readonly outputs: JsonSchema;
  /** The same for as long as both are. */
  readonly hash: string;
}

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The interface of a workflow as its graph is now. Inputs and results with findings are not part of it. */
export function interfaceOf(graph: Graph, catalogue: NodeCatalogue, hash: Hash): WorkflowInterface {
  const withRequired = schemaOfInputs(inputsOf(graph, catalogue));
  const outputs = objectOf(outputsOf(graph, catalogue).map((output) => [output.name, outputSchema(output)]));
  return { inputs: withRequired, outputs, hash: hash(canonicalJson({ inputs: withRequired, outputs })) };
}

/** What is asked for by name: the members of an input that its schema says something of. */
type AskedMembers = Pick<WorkflowInput, 'name' | 'dataType' | 'settings' | 'options' | 'fallback'>;

/** The JSON schema of an object with these members; one without a value of its own is required. */
export function schemaOfInputs(asked: readonly AskedMembers[]): JsonSchema {
  const inputs = objectOf(asked.map((input) => [input.name, inputSchema(input)]));
  const required = asked.filter(({ fallback }) => fallback === undefined).map(({ name }) => name);
  return required.length === 0 ? inputs : { ...inputs, required };
}

function objectOf(members: readonly (readonly [string, JsonSchema])[]): JsonSchema {
  return { $schema: dialect, type: 'object', properties: Object.fromEntries(members), additionalProperties: false };
}

function inputSchema(input: AskedMembers): JsonSchema {
  const { settings, name, fallback } = input;
  return {
    ...valueSchema(input),
    title: settings.label?.trim() || name,
    ...(settings.help !== undefined && settings.help.trim() !== '' && { description: settings.help }),
    ...(settings.hidden === true && { hidden: true }),
    ...(fallback !== undefined && { default: fallback }),
  };
}

function valueSchema({
  dataType,
  settings,
  options,
}: Pick<WorkflowInput, 'dataType' | 'settings' | 'options'>): JsonSchema {
  if (isListType(dataType)) {
    const { element, depth } = partsOf(dataType);
    const items = valueSchema({ dataType: listOf(element, depth - 1), settings, options });
    return { type: 'array', items, control: listControl(element), dataType };
  }
  const { min, max, integer, long, maxLength, formats, maxBytes, schema } = settings;
  switch (dataType) {
    case 'text':
      if (options !== null) return { type: 'string', enum: options, control: 'select' };
      return {
        type: 'string',
        ...(maxLength !== undefined && { maxLength }),
        control: long === false ? 'text' : 'textarea',
      };
    case 'number':
      return {
        type: integer === true ? 'integer' : 'number',
        ...(min !== undefined && { minimum: min }),
        ...(max !== undefined && { maximum: max }),
        control: 'number',
        exact: true,
      };
    case 'boolean':
      return { type: 'boolean', control: 'switch' };
    case 'json':
    case 'any':
      return { ...schema, control: 'json' };
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return {
        type: 'string',
        format: 'uri-reference',
        control: 'file',
        dataType,
        ...(formats !== undefined && { formats }),
        ...(maxBytes !== undefined && { maxBytes }),
      };
  }
}

/** What a form asks for a list with: texts are typed, one a line. */
function listControl(element: ElementType): string {
  return rowOf(element).file !== null ? 'files' : element === 'text' ? 'lines' : 'json';
}

const fileSchema: JsonSchema = z.toJSONSchema(assetReferenceSchema);

const outputTypes = { text: 'string', number: 'number', boolean: 'boolean' } as const;

function outputSchema({ dataType, label, name }: WorkflowOutput): JsonSchema {
  return { ...outputValueSchema(dataType), title: label ?? name, dataType };
}

function outputValueSchema(dataType: DataType): JsonSchema {
  if (isListType(dataType)) {
    const { element, depth } = partsOf(dataType);
    return { type: 'array', items: outputValueSchema(listOf(element, depth - 1)) };
  }
  if (rowOf(dataType).file !== null) {
    const { $schema: _dialect, ...schema } = fileSchema;
    return schema;
  }
  return dataType in outputTypes ? { type: outputTypes[dataType as keyof typeof outputTypes] } : {};
}
