import { z } from 'zod';
import { TerminalError } from '../errors/app-error.ts';
import type { ConfigFinding, InputHandle } from './definition.ts';
import { textInput } from './inputs.ts';
import type { NodeInputs } from './values.ts';
import { readTimestamp, timestampExamples, type FramePosition } from './timestamp.ts';

/** The fields of a part of a video or a sound: `from` and `to`, in the grammar of core/node-type/timestamp.ts. */
export const timeRangeFields = {
  from: z.string().max(32).default('0').meta({
    title: 'From',
    description: 'Seconds, minutes:seconds or a percentage of the length',
    control: 'text',
    placeholder: timestampExamples,
  }),
  to: z.string().max(32).default('100%').meta({
    title: 'To',
    description: 'Same format; 100% is the end',
    control: 'text',
    placeholder: timestampExamples,
  }),
};

/** Both ends as inputs: what is connected wins over the field. Numbers are seconds. */
export const timeRangeInputs: readonly InputHandle[] = [
  { id: 'from', title: 'From', dataType: 'text', configField: 'from', onlyByName: true },
  { id: 'to', title: 'To', dataType: 'text', configField: 'to', onlyByName: true },
];

const ends = ['from', 'to'] as const;

/** What keeps a part from being one, before the length is known; an end that is connected is not known yet. */
export function checkTimeRange(
  range: { readonly from: string; readonly to: string },
  connected: ReadonlySet<string> = new Set(),
): ConfigFinding[] {
  const findings = ends.flatMap((field) => {
    const { problem } = connected.has(field) ? { problem: null } : readTimestamp(range[field]);
    return problem === null ? [] : [{ field, message: problem.message }];
  });
  if (findings.length > 0 || ends.some((field) => connected.has(field))) return findings;
  const [from, to] = [readTimestamp(range.from).at!, readTimestamp(range.to).at!];
  const isBackward =
    from.kind === 'last' ||
    (from.kind === 'time' && to.kind === 'time' && to.ms <= from.ms) ||
    (from.kind === 'fraction' && to.kind === 'fraction' && to.value <= from.value);
  return isBackward ? [{ field: 'to', message: 'The part ends before it begins. Choose an end after the start.' }] : [];
}

/** The part of these fields, or of what came in for them. Throws TYPE_MISMATCH, and as readTimeRange does. */
export function arrivedTimeRange({
  config,
  inputs,
}: {
  readonly config: { readonly from: string; readonly to: string };
  readonly inputs: NodeInputs;
}): ReturnType<typeof readTimeRange> {
  return readTimeRange({ from: textInput(inputs, 'from') ?? config.from, to: textInput(inputs, 'to') ?? config.to });
}

/** The part that is meant. Throws TIMESTAMP_INVALID and TIMESTAMP_OUT_OF_RANGE. */
export function readTimeRange(range: { readonly from: string; readonly to: string }): {
  from: FramePosition;
  to: FramePosition;
} {
  return { from: positionOf(range.from), to: positionOf(range.to) };
}

function positionOf(timestamp: string): FramePosition {
  const { at, problem } = readTimestamp(timestamp);
  if (problem !== null) throw new TerminalError(problem.code, problem.message, { details: { timestamp } });
  return at;
}
