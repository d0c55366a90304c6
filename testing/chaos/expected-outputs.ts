import { carriedValue } from '../../core/node-type/carried-value.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../../core/node-type/values.ts';
import { outputsOfAnswer, type Answer } from '../../core/waits/answer.ts';
import { approveNode } from '../../nodes/flow/approve/definition.ts';
import { firstThatHolds, valueIn } from '../../nodes/flow/if/executor-conditions.ts';
import { switchNode } from '../../nodes/flow/switch/definition.ts';
import { untilNode } from '../../nodes/flow/until/definition.ts';
import { probeEachOutput, probeOutput } from '../probe-node.ts';

type NodeData = Readonly<Record<string, unknown>>;

/** Whether a node fails for good with these inputs. */
export function failsWith(type: string, data: NodeData, inputs: NodeInputs): boolean {
  if (type === 'probeEach') return inputs['input'] === data['failsFor'];
  return data['fails'] === 'always';
}

export interface CompletedNode {
  readonly type: string;
  readonly id: string;
  readonly data: NodeData;
  readonly inputs: NodeInputs;
  readonly outputs: NodeOutputs | null;
  /** The button of a question for which a server said that it counts; undefined: none did. */
  readonly answer: string | undefined;
}

/** What is wrong with what a node put out, in words; null: nothing. */
export function wrongOutput(node: CompletedNode): string | null {
  const expected = node.type === 'approve' ? outputsOfQuestion(node) : outputsOf(node);
  if (typeof expected === 'string') return expected;
  return canonicalJson(node.outputs) === canonicalJson(expected) ? null : 'a wrong output';
}

function outputsOf({ type, id, data, inputs }: CompletedNode): NodeOutputs | string {
  switch (type) {
    case 'probe':
      return { output: probeOutput(id, inputs) };
    case 'probeEach':
      return { output: probeEachOutput(String(data['name'] ?? id), String(inputs['input'])) };
    case 'whole':
      return { output: (inputs['items'] as (string | null)[]).map((item) => item ?? '-').join(' ') };
    case 'items':
      return { output: data['items'] as OutputValue };
    case 'text':
      return { output: data['text'] as string };
    case 'output':
      return { output: inputs['value'] as OutputValue };
    case 'splitText':
      return { output: String(inputs['text']).split(data['separator'] as string) };
    case 'delay':
      return { output: carriedValue(inputs, 'input') };
    case 'switch': {
      const { cases } = switchNode.configSchema.parse(data);
      const value = valueIn(inputs);
      const at = firstThatHolds(cases, value);
      return { [at === null ? 'else' : cases[at]!.id]: value };
    }
    case 'repeat':
      return { output: valueIn(inputs) };
    case 'until': {
      const value = valueIn(inputs);
      const isMet = firstThatHolds([untilNode.configSchema.parse(data)], value) !== null;
      return { output: value, laps: [value], ended: isMet ? 'condition' : 'maximum' };
    }
    case 'merge': {
      const values = inputs['values'] as OutputValue[];
      return { output: data['mode'] === 'all' ? values : values[0]! };
    }
    default:
      return `nobody knows what a ${type} puts out`;
  }
}

/** Somebody pressed a button, or its time was over; an answer that a server took is the one that counts. */
function outputsOfQuestion({ data, inputs, outputs, answer }: CompletedNode): NodeOutputs | string {
  const { message, fields, buttons, onExpiry = '' } = approveNode.configSchema.parse(data);
  const told = outputs?.['answer'] as { readonly action: string; readonly by: string | null } | undefined;
  if (told === undefined) return 'no answer';
  if (answer !== undefined && told.action !== answer) return `a server took "${answer}", and it is "${told.action}"`;
  if (told.by === null && (answer !== undefined || told.action !== onExpiry)) return 'an answer by nobody';
  const given: Answer = { action: told.action, values: {}, indices: [] };
  return outputsOfAnswer({ message, fields, buttons, choice: null }, inputs, given, told.by);
}
