import { z } from 'zod';
import { listOf, type DataType } from '../../../core/data-types/table.ts';
import type { JsonRules } from '../../../core/interface/json-rules.ts';
import type { InputHandle, NodeHandles, OutputHandle } from '../../../core/node-type/definition.ts';

/** Types that a field of an answer can have. */
export const answerFieldTypes = ['text', 'number', 'boolean', 'list<text>', 'json'] as const;

/** What the handles of a question follow from. Its fields are defined, and checked, in definition.ts. */
export const shapeOfQuestion = z.object({
  answerAs: z.string().default('text'),
  fields: z.array(z.object({ id: z.string(), name: z.string(), type: z.string().default('text') })).default([]),
  schema: z.unknown().optional(),
  variants: z.number().default(1),
});
type QuestionShape = z.output<typeof shapeOfQuestion>;

/** Outputs that every node of the type has, or that the engine gives it. */
export const ownOutputs: ReadonlySet<string> = new Set(['output', 'error', 'errors']);

/** Of a node that was there before: edges name these. The others are never meant by an edge that names none. */
export const questionInputs: readonly InputHandle[] = [
  { id: 'system_prompt', title: 'System prompt', dataType: 'text', configField: 'systemPrompt' },
  { id: 'user_message', title: 'User message', dataType: 'text', configField: 'userMessage', required: true },
  { id: 'images', title: 'Images', dataType: 'image', many: true },
  { id: 'files', title: 'Audio, video, documents', dataType: 'any', many: true, onlyByName: true },
];

/** The answer, and an output for each of its fields; lists of them where there are several variants. */
export function handlesOfQuestion(config: QuestionShape): NodeHandles {
  const depth = config.variants > 1 ? 1 : 0;
  const outputs: OutputHandle[] = [
    { id: 'output', title: 'Answer', dataType: config.answerAs === 'text' ? 'text' : 'json' },
    ...partsOf(config),
  ];
  return {
    inputs: questionInputs,
    outputs: outputs.map((output) => ({ ...output, dataType: listOf(output.dataType, depth) })),
  };
}

/** A part of the answer that has an output of its own. */
function partsOf({ answerAs, fields, schema }: QuestionShape): readonly OutputHandle[] {
  if (answerAs === 'fields') {
    return fields.map(({ id, name, type }) => ({ id, title: name, dataType: type as DataType }));
  }
  const properties = answerAs === 'schema' ? ((schema as JsonRules | undefined)?.properties ?? {}) : {};
  return Object.entries(properties)
    .filter(([name]) => !ownOutputs.has(name))
    .map(([name, rules]) => ({ id: name, title: name, dataType: typeOfRules(rules) }));
}

function typeOfRules({ type, items }: JsonRules): DataType {
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'boolean';
  return type === 'array' && items?.type === 'string' ? 'list<text>' : 'json';
}
