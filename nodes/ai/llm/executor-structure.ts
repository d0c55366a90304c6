import { jsonrepair } from 'jsonrepair';
import { jsonMismatch, type JsonRules } from '../../../core/interface/json-rules.ts';
import type { NodeOutputs, OutputValue } from '../../../core/node-type/values.ts';
import type { LlmConfig } from './definition.ts';
import { handlesOfQuestion } from './handles.ts';

/** The schema that an answer is asked for; null where any text is one. */
export function schemaOf({ answerAs, fields, schema }: LlmConfig): JsonRules | null {
  if (answerAs === 'text') return null;
  if (answerAs === 'schema') return schema ?? {};
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(({ name, type, description }) => [
        name,
        { ...rulesOfType[type], ...(description?.trim() ? { description } : {}) },
      ]),
    ),
    required: fields.map(({ name }) => name),
    additionalProperties: false,
  };
}

const rulesOfType: Readonly<Record<LlmConfig['fields'][number]['type'], JsonRules>> = {
  text: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  'list<text>': { type: 'array', items: { type: 'string' } },
  json: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
};

/** What an answer says in JSON that fits, or why it says nothing such. */
export type StructuredAnswer = { readonly value: OutputValue } | { readonly problem: string };

/**
 * Reads JSON out of an answer: what stands around it is left out, what is broken about its form is mended, and a number or
 * a yes or no in quotes is taken as such where the schema wants one. The same text always gives the same.
 */
export function readStructured(text: string, rules: JsonRules): StructuredAnswer {
  const read = parsed(text);
  if ('problem' in read) return read;
  const value = fitted(read.value, rules);
  const wrong = jsonMismatch(rules, value);
  return wrong === null ? { value: value as OutputValue } : { problem: wrong };
}

function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/i.exec(text)?.[1];
  const trimmed = (fenced ?? text).trim();
  const from = trimmed.search(/[{[]/);
  const to = Math.max(trimmed.lastIndexOf('}'), trimmed.lastIndexOf(']'));
  // What is cut off in the middle has no end; what stands behind the last bracket is talk.
  const cut = from <= 0 ? trimmed : trimmed.slice(from, to > from ? to + 1 : undefined);
  for (const read of [() => trimmed, () => cut, () => jsonrepair(cut)]) {
    try {
      const value = JSON.parse(read()) as unknown;
      // Words that are mended to a text are no data.
      if (read !== undefined && (typeof value !== 'string' || trimmed.startsWith('"'))) return { value };
    } catch {
      // The next way.
    }
  }
  return { problem: 'the answer is not JSON' };
}

/** Takes what can only be meant in one way as what the schema wants. */
function fitted(value: unknown, rules: JsonRules): unknown {
  const { type } = rules;
  if (typeof value === 'string' && (type === 'number' || type === 'integer')) {
    const number = Number(value.trim());
    return value.trim() !== '' && Number.isFinite(number) ? number : value;
  }
  if (typeof value === 'string' && type === 'boolean') {
    const word = value.trim().toLowerCase();
    return word === 'true' ? true : word === 'false' ? false : value;
  }
  if ((typeof value === 'number' || typeof value === 'boolean') && type === 'string') return String(value);
  if (Array.isArray(value)) {
    const { items } = rules;
    return items === undefined ? value : value.map((item) => fitted(item, items));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {}, additionalProperties } = rules;
  const members = Object.entries(value).filter(
    ([name]) => additionalProperties !== false || Object.hasOwn(properties, name),
  );
  return Object.fromEntries(
    members.map(([name, member]) => [
      name,
      Object.hasOwn(properties, name) ? fitted(member, properties[name]!) : member,
    ]),
  );
}

/** The message of the one other try: what was asked, what was answered, and what is wrong with it. */
export function askedAgain(userMessage: string, answer: string, problem: string): string {
  return [
    userMessage,
    '---',
    'This was answered before:',
    answer.slice(0, 20_000),
    `That does not fit what was asked for: ${problem}. Answer again, with JSON alone that fits.`,
  ].join('\n\n');
}

/** The value of each output for one answer: the whole, and its parts; a part that is not there is null. */
export function outputsOf(value: OutputValue, config: LlmConfig): NodeOutputs {
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const nameOf = new Map(config.fields.map(({ id, name }) => [id, name]));
  return Object.fromEntries(
    handlesOfQuestion(config).outputs.map(({ id }) => {
      if (id === 'output') return [id, value];
      const name = config.answerAs === 'fields' ? (nameOf.get(id) ?? id) : id;
      const member = Object.hasOwn(members, name) ? (members as Readonly<Record<string, OutputValue>>)[name] : null;
      return [id, member ?? null];
    }),
  );
}
