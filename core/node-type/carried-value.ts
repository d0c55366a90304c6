import type { NodeInputs, OutputValue } from './values.ts';

/** What a node passes on of an input that takes any number of edges: null without one, the value of one, a list of several. */
export function carriedValue(inputs: NodeInputs, handle: string): OutputValue {
  const input = Object.hasOwn(inputs, handle) ? inputs[handle] : undefined;
  const values: OutputValue[] = input === undefined ? [] : Array.isArray(input) ? (input as OutputValue[]) : [input];
  return values.length === 0 ? null : values.length === 1 ? (values[0] ?? null) : values;
}
