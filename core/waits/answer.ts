import type { ApiFinding } from '../api/common.ts';
import { carriedValue } from '../node-type/carried-value.ts';
import type { JsonValue, NodeInputs, NodeOutputs, OutputValue } from '../node-type/values.ts';
import { wrongValue } from '../interface/input-value.ts';
import type { WorkflowInput } from '../interface/inputs.ts';
import { chooseAction, nameOfButton, valueFieldName, type Question, type QuestionField } from './question.ts';

/** What somebody answers: the button, the values of fields by name, the places of what was chosen, from 0. */
export interface Answer {
  readonly action: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly indices: readonly number[];
}

/** What is wrong with an answer to a question about these inputs, by its place in the request; empty where it fits. */
export function answerFindings(question: Question, inputs: NodeInputs, answer: Answer): ApiFinding[] {
  return [
    ...actionFindings(question, answer),
    ...(question.choice === null
      ? fieldFindings(question, inputs, answer)
      : choiceFindings(question, itemsOf(inputs).length, answer)),
  ];
}

function invalid(path: string, message: string): ApiFinding {
  return { code: 'WAIT_ANSWER_INVALID', message, path };
}

function actionFindings({ buttons, choice }: Question, { action, indices }: Answer): ApiFinding[] {
  const known = choice === null ? buttons.map(({ id }) => id) : [chooseAction];
  const found = known.includes(action)
    ? []
    : [invalid('action', `There is no such action. Give one of: ${known.map((id) => `"${id}"`).join(', ')}.`)];
  if (choice === null && indices.length > 0)
    found.push(invalid('indices', 'Nothing is to be chosen here. Leave indices out.'));
  return found;
}

function fieldFindings({ fields }: Question, inputs: NodeInputs, { values }: Answer): ApiFinding[] {
  const known = new Map(fields.map((field) => [field.name, field]));
  const strange = Object.keys(values).filter((name) => !known.has(name));
  const advice = fields.length === 0 ? 'Leave values out.' : `Give some of: ${[...known.keys()].join(', ')}.`;
  return [
    ...strange.map((name) =>
      invalid(`values.${name.slice(0, 100)}`, `The question has no field "${name.slice(0, 100)}". ${advice}`),
    ),
    ...fields.flatMap((field) => {
      const path = `values.${field.name}`;
      if (!Object.hasOwn(values, field.name)) {
        return isLeftOpen(field, inputs)
          ? [invalid(path, `The field "${field.label ?? field.name}" is required. Give it a value.`)]
          : [];
      }
      const wrong = wrongValue(typedOf(field), values[field.name]);
      return wrong === null ? [] : [invalid(path, `The field "${field.label ?? field.name}" does not fit. ${wrong}`)];
    }),
  ];
}

function isLeftOpen(field: QuestionField, inputs: NodeInputs): boolean {
  return field.required === true && startOf(field, inputs) === undefined;
}

/** A field as the rules for inputs of workflows take it. */
export function typedOf(field: QuestionField): Pick<WorkflowInput, 'dataType' | 'settings' | 'options'> {
  return { dataType: field.type, settings: field, options: field.options ?? null };
}

/** The value that a field begins with; undefined: none. */
export function startOf(field: QuestionField, inputs: NodeInputs): OutputValue | undefined {
  if (field.default !== undefined) return field.default as JsonValue;
  const carried = field.name === valueFieldName ? carriedValue(inputs, 'value') : null;
  return carried === null ? undefined : carried;
}

function choiceFindings({ choice }: Question, count: number, { indices, values }: Answer): ApiFinding[] {
  if (Object.keys(values).length > 0) return [invalid('values', 'There are no fields here. Leave values out.')];
  if (choice === null) return [];
  const strange = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (strange !== undefined)
    return [invalid('indices', `There is no element ${strange}. Give indices from 0 to ${count - 1}.`)];
  if (new Set(indices).size < indices.length)
    return [invalid('indices', 'An element is named twice. Give each index once.')];
  const [min, max] = boundsOf(choice, count);
  if (indices.length >= min && indices.length <= max) return [];
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  return [invalid('indices', `These are ${indices.length} of ${count}. Choose ${wanted}.`)];
}

/** How many of a list of `count` may be chosen at least and at most: no more than there are. */
export function boundsOf(
  { min, max }: { readonly min: number; readonly max: number },
  count: number,
): [number, number] {
  return [Math.min(min, count), Math.min(max, count)];
}

/** The elements that a question asks to choose from; a single value is a list of one. */
export function itemsOf(inputs: NodeInputs): readonly OutputValue[] {
  const items = Object.hasOwn(inputs, 'items') ? inputs['items'] : [];
  return Array.isArray(items) ? (items as OutputValue[]) : [items ?? null];
}

/**
 * What the node puts out for an answer without findings. Values of files are references already.
 *
 * @param by who answered, by e-mail address; null: nobody did, its time was over
 */
export function outputsOfAnswer(
  question: Question,
  inputs: NodeInputs,
  answer: Answer,
  by: string | null,
): NodeOutputs {
  if (question.choice !== null) {
    const items = itemsOf(inputs);
    return { output: answer.indices.map((index) => items[index] ?? null), indices: [...answer.indices] };
  }
  const values: Record<string, OutputValue> = {};
  for (const field of question.fields) {
    const value = Object.hasOwn(answer.values, field.name) ? answer.values[field.name] : startOf(field, inputs);
    if (value !== undefined) values[field.name] = value as OutputValue;
  }
  const carried = Object.hasOwn(values, valueFieldName) ? values[valueFieldName]! : carriedValue(inputs, 'value');
  const button = question.buttons.find(({ id }) => id === answer.action);
  const label = button === undefined ? answer.action : nameOfButton(button);
  return { [answer.action]: carried, answer: { action: answer.action, label, values, by } as JsonValue };
}
