import { createContext, Script } from 'node:vm';
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { NodeInputs, OutputValue } from '../../../core/node-type/values.ts';
import { expressionOf, maxExpressionCharacters, operatorWords, type Condition } from './condition.ts';

/** For all conditions of a node together. All else in the process stands still meanwhile. */
const timeLimitMs = 100;
/** A pattern that compiles to more has counts within counts; ordinary ones have some dozens. */
const maxPatternSize = 5_000;
/** Operations of an expression; the parser's own recursion holds for several times as many. */
const maxOperations = 500;
const maxDepth = 50;

/** The value that conditions are asked of. */
export function valueIn(inputs: NodeInputs): OutputValue {
  return Object.hasOwn(inputs, 'value') ? (inputs['value'] ?? null) : null;
}

/**
 * The place of the first condition that holds for a value, or null. Throws TerminalError: CONDITION_INVALID for one that
 * cannot be asked of this value, CONDITION_TOO_SLOW where all of them take longer than 100 ms.
 */
export function firstThatHolds(conditions: readonly Condition[], value: OutputValue): number | null {
  return withinTime(() => {
    const at = conditions.findIndex((condition) => holds(condition, value));
    return at === -1 ? null : at;
  });
}

function holds(condition: Condition, value: OutputValue): boolean {
  const expression = expressionOf(condition);
  if (expression !== null) return evaluate(expression, value);
  const { operator, operand = '' } = condition;
  switch (operator) {
    case 'is':
      return isSame(value, operand);
    case 'isNot':
      return !isSame(value, operand);
    case 'isOneOf':
      return listOf(operand).some((one) => isSame(value, one));
    case 'contains':
      return contains(value, operand);
    case 'matches':
      return patternOf(textOf(operand)).test(textOf(value));
    case 'greater':
      return numberOf(value, operator) > numberOf(operand, operator);
    case 'less':
      return numberOf(value, operator) < numberOf(operand, operator);
    case 'isEmpty':
      return isEmpty(value);
    case 'isNotEmpty':
      return !isEmpty(value);
  }
}

/** Numbers by their value, all else as text without the blanks around it. */
function isSame(value: OutputValue, operand: OutputValue): boolean {
  const [one, other] = [textOf(value).trim(), textOf(operand).trim()];
  if (one === other) return true;
  const isNumeric = typeof value === 'number' || typeof operand === 'number';
  return isNumeric && one !== '' && other !== '' && Number(one) === Number(other);
}

function listOf(operand: OutputValue): readonly OutputValue[] {
  if (Array.isArray(operand)) return operand;
  const text = textOf(operand);
  return text.split(text.includes('\n') ? '\n' : ',').filter((part) => part.trim() !== '');
}

/** A list contains what is the same as one of its elements, an object its keys, a text its parts. */
function contains(value: OutputValue, operand: OutputValue): boolean {
  if (Array.isArray(value)) return value.some((element) => isSame(element, operand));
  if (value !== null && typeof value === 'object') return Object.hasOwn(value, textOf(operand));
  return textOf(value).includes(textOf(operand));
}

function isEmpty(value: OutputValue): boolean {
  if (value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function numberOf(value: OutputValue, operator: 'greater' | 'less'): number {
  const text = textOf(value).trim();
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  throw invalid(`The value ${shown(text)} is not a number, and "${operatorWords[operator]}" compares numbers.`);
}

function textOf(value: OutputValue): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}

/** RE2 patterns take time in proportion to the text: none of them backtracks. */
function patternOf(pattern: string): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw invalid(`The pattern ${shown(pattern)} cannot be read: ${messageOf(error)}`);
  }
  if (compiled.programSize() <= maxPatternSize) return compiled;
  throw invalid(`The pattern ${shown(pattern)} is too large. Use lower counts.`);
}

/** The language without what could take long: patterns are RE2, and what goes through lists is not nested. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: maxOperations, maxDepth, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 20 },
}).registerFunction('string.matchesPattern(string): bool', (text: string, pattern: string) =>
  patternOf(pattern).test(text),
);

function evaluate(expression: string, value: OutputValue): boolean {
  const said = `The expression ${shown(expression)}`;
  if (expression.length > maxExpressionCharacters) {
    throw invalid(`${said} is longer than ${maxExpressionCharacters} characters.`);
  }
  let result: unknown;
  try {
    const parsed = environment.parse(withSafePatterns(expression));
    refuseHostPatterns(parsed.ast, said);
    result = parsed({ value });
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    throw invalid(`${said} cannot be answered: ${messageOf(error)}`);
  }
  if (typeof result === 'boolean') return result;
  throw invalid(`${said} gives ${result === null ? 'nothing' : `a ${typeof result}`}. It has to be true or false.`);
}

/** `matches` becomes our own, but not in the middle of a text. */
function withSafePatterns(expression: string): string {
  const parts = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\.\s*matches\s*\(/g;
  return expression.replace(parts, (part) => (part.startsWith('.') ? '.matchesPattern(' : part));
}

/** Patterns of the language itself would be those of the host, which can backtrack for ever. */
function refuseHostPatterns(root: ASTNode, said: string): void {
  const left: unknown[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (Array.isArray(node)) left.push(...node);
    else if (isNode(node)) {
      const [name] = node.op === 'call' || node.op === 'rcall' ? node.args : [];
      if (name === 'matches') throw invalid(`${said} may match patterns only as text.matches("pattern").`);
      left.push(node.args);
    }
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** On a machine that has given the process hardly any time meanwhile, work is tried so often. */
const mostTries = 5;
/** Of the limit: who has had less processor time was not too slow. */
const ownShare = 0.8;

/** Runs what does not wait for anything, within its time as the processor counts it. Throws CONDITION_TOO_SLOW. */
function withinTime<Result>(work: () => Result): Result {
  for (let tries = 1; ; tries += 1) {
    const before = process.cpuUsage();
    const outcome = underClock(work);
    if (outcome !== null) {
      if ('error' in outcome) throw outcome.error;
      return outcome.result;
    }
    const { user, system } = process.cpuUsage(before);
    const isBusyElsewhere = (user + system) / 1_000 < timeLimitMs * ownShare;
    if (isBusyElsewhere && tries < mostTries) continue;
    throw new TerminalError(
      'CONDITION_TOO_SLOW',
      `The conditions took longer than ${timeLimitMs} ms. Use a simpler condition or a shorter value.`,
    );
  }
}

type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/**
 * Runs what does not wait for anything under a clock that stops it in the middle; null where it did. Nothing of a user's
 * is a script: only the clock is used here.
 */
function underClock<Result>(work: () => Result): Outcome<Result> | null {
  let outcome: Outcome<Result> | null = null;
  const run = () => {
    try {
      outcome = { result: work() };
    } catch (error) {
      outcome = { error };
    }
  };
  try {
    clock.run = run;
    timed.runInContext(clock, { timeout: timeLimitMs });
  } catch {
    outcome = null;
  } finally {
    clock.run = null;
  }
  return outcome;
}

/** Kept, for each new one costs more than most conditions. */
const clock = createContext({ run: null }) as { run: (() => void) | null };
const timed = new Script('run()');

function invalid(message: string): TerminalError {
  return new TerminalError('CONDITION_INVALID', message);
}

function shown(text: string): string {
  return `"${text.length > 100 ? `${text.slice(0, 99)}…` : text}"`;
}

/** The first line: what follows draws the place with a caret. */
function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.endsWith('.') ? line : `${line}.`;
}
