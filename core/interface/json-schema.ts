import { z } from 'zod';
import { isListType, listOf, partsOf, rowOf, type DataType } from '../data-types/table.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { Hash } from '../graph/fingerprint.ts';
import type { Graph } from '../graph/graph.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { assetReferenceSchema } from '../node-type/values.ts';
import { objectOf, schemaOfInputs, type JsonSchema } from './input-schema.ts';
import { inputsOf } from './inputs.ts';
import { outputsOf, type WorkflowOutput } from './outputs.ts';

/** What a workflow takes and gives, as two JSON schemas of objects by name. */
export interface WorkflowInterface {
  /** Beside JSON Schema it has the hints of node types for forms: `control`, `dataType`, `hidden`. */
  readonly inputs: JsonSchema;
  readonly outputs: JsonSchema;
  /** The same for as long as both are. */
  readonly hash: string;
}

/** The interface of a workflow as its graph is now. Inputs and results with findings are not part of it. */
export function interfaceOf(graph: Graph, catalogue: NodeCatalogue, hash: Hash): WorkflowInterface {
  const withRequired = schemaOfInputs(inputsOf(graph, catalogue));
  const outputs = objectOf(outputsOf(graph, catalogue).map((output) => [output.name, outputSchema(output)]));
  return { inputs: withRequired, outputs, hash: hash(canonicalJson({ inputs: withRequired, outputs })) };
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
