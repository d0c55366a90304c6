import { z } from 'zod';

/** What a condition may ask of a value. */
export const operators = [
  'is',
  'isNot',
  'contains',
  'matches',
  'greater',
  'less',
  'isEmpty',
  'isNotEmpty',
  'isOneOf',
] as const;
/** How a value is compared with the operand. */
export type Operator = (typeof operators)[number];

/** What the canvas shows for each operator, between the value and the operand. */
export const operatorWords: Readonly<Record<Operator, string>> = {
  is: 'is',
  isNot: 'is not',
  contains: 'contains',
  matches: 'matches',
  greater: 'is greater than',
  less: 'is less than',
  isEmpty: 'is empty',
  isNotEmpty: 'is not empty',
  isOneOf: 'is one of',
};

/** Longest expression, in characters. Anything longer is a program and belongs in a node of its own. */
export const maxExpressionCharacters = 2_000;
const maxOperandCharacters = 10_000;

const scalar = z.union([z.string().max(maxOperandCharacters), z.number(), z.boolean()]);

/** One condition on a value. An `expression`, where there is one, decides instead of operator and operand. */
export const conditionFields = {
  operator: z
    .enum(operators)
    .default('isNotEmpty')
    .meta({ title: 'The value', control: 'select', labels: operatorWords }),
  /** Of `isOneOf` a list, or a text with a value in each line or between commas. */
  operand: z
    .union([scalar, z.array(scalar).max(1_000)])
    .optional()
    .meta({ title: 'Compared with', control: 'text', placeholder: 'Text, number or pattern' }),
  expression: z
    .string()
    .max(maxExpressionCharacters)
    .optional()
    .meta({ title: 'Or an expression', control: 'text', placeholder: 'value.size() > 20 && value.contains("!")' }),
};

/** One condition on a value; see `conditionFields`. */
export const conditionSchema = z.object(conditionFields);
/** A condition as its schema reads it; `operator` defaults to `isNotEmpty`. */
export type Condition = z.output<typeof conditionSchema>;

/** The expression that decides; null where operator and operand do. */
export function expressionOf({ expression }: Condition): string | null {
  return expression === undefined || expression.trim() === '' ? null : expression;
}

const withoutOperand: readonly Operator[] = ['isEmpty', 'isNotEmpty'];

/** Whether an operator compares with something. */
export function takesOperand(operator: Operator): boolean {
  return !withoutOperand.includes(operator);
}

/** What keeps a condition from being asked, in a sentence; null where nothing does. */
export function conditionProblem(condition: Condition): { field: 'operand' | 'expression'; message: string } | null {
  if (expressionOf(condition) !== null) return null;
  const { operator, operand } = condition;
  const text = Array.isArray(operand) ? operand.join('\n') : String(operand ?? '');
  if (!takesOperand(operator) || operator === 'is' || operator === 'isNot') return null;
  const words = operatorWords[operator];
  if (text.trim() === '') return { field: 'operand', message: `Enter what the value is compared with ("${words}").` };
  if ((operator === 'greater' || operator === 'less') && !Number.isFinite(Number(text))) {
    return { field: 'operand', message: `"${text}" is not a number. Write a number such as 12.5.` };
  }
  return null;
}

/** A condition in a few words: `is greater than 5`. */
export function conditionWords(condition: Condition): string {
  const expression = expressionOf(condition);
  if (expression !== null) return expression;
  const { operator, operand } = condition;
  const words = operatorWords[operator];
  if (!takesOperand(operator)) return words;
  const shown = Array.isArray(operand) ? operand.join(', ') : String(operand ?? '');
  return `${words} ${shown.trim() === '' ? '…' : shown}`;
}
