import { isFileType, isListType, listOf, partsOf, rowOf, type ElementType } from '../data-types/table.ts';
import type { WorkflowInput } from './inputs.ts';

/*
 * JSON schemas of what is asked for by name, made without zod: pages make some too, and what turns zod's schemas into
 * JSON schemas is not among what they load.
 */

/** A JSON schema, as it is written. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** What is asked for by name: the members of an input that its schema says something of. */
type AskedMembers = Pick<WorkflowInput, 'name' | 'dataType' | 'settings' | 'options' | 'fallback'>;

/** The JSON schema of an object with these members; one without a value of its own is required. */
export function schemaOfInputs(asked: readonly AskedMembers[]): JsonSchema {
  const inputs = objectOf(asked.map((input) => [input.name, inputSchema(input)]));
  const required = asked.filter(({ fallback }) => fallback === undefined).map(({ name }) => name);
  return required.length === 0 ? inputs : { ...inputs, required };
}

/** The JSON schema of an object with these members and no others. */
export function objectOf(members: readonly (readonly [string, JsonSchema])[]): JsonSchema {
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
  if (isFileType(dataType)) {
    return {
      type: 'string',
      format: 'uri-reference',
      control: 'file',
      dataType,
      ...(formats !== undefined && { formats }),
      ...(maxBytes !== undefined && { maxBytes }),
    };
  }
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
  }
}

/** What a form asks for a list with: texts are typed, one a line. */
function listControl(element: ElementType): string {
  return rowOf(element).file !== null ? 'files' : element === 'text' ? 'lines' : 'json';
}
