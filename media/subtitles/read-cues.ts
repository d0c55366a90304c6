import { TerminalError } from '../../core/errors/app-error.ts';
import type { Cue } from '../../core/node-type/cues.ts';

/*
 * Reads subtitles as people have them: SRT and WebVTT, with a byte order mark, any ends of lines, missing or doubled
 * numbers, points or commas, lines that are empty within a cue. What says when a line is shown is the only thing that is
 * held on to; a time that cannot be is an error that names it.
 */

const clock = String.raw`(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?`;
/** After the times WebVTT has settings, which are left out. */
const timeLine = new RegExp(`^\\s*${clock}\\s*-->\\s*${clock}(?:\\s.*)?$`);
const almostTimeLine = /-->/;

/** More than a film has. */
const maxCues = 20_000;

/** Throws NODE_DATA_INVALID for what are no subtitles. Cues come in the order of their beginnings. */
export function readCues(content: string): Cue[] {
  const lines = content.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const isVtt = /^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '');
  const cues: { from: number; to: number; lines: string[] }[] = [];
  for (const [index, line] of lines.entries()) {
    const match = timeLine.exec(line);
    if (match === null) {
      // Some write an arrow into what is said; where no digit stands before it, that is what it is.
      if (almostTimeLine.test(line) && /^\s*\d+:/.test(line))
        throw invalid(`line ${index + 1} is not a time: “${line.trim().slice(0, 60)}”`);
      cues.at(-1)?.lines.push(line);
      continue;
    }
    const [from, to] = [secondsOf(match.slice(1, 5)), secondsOf(match.slice(5, 9))];
    if (to < from) throw invalid(`line ${index + 1} ends before it begins: “${line.trim().slice(0, 60)}”`);
    // What stands above the times is the number or the name of the cue, and not said by the one before.
    const last = cues.at(-1);
    if (last !== undefined && last.lines.length > 0) dropName(last.lines, isVtt);
    cues.push({ from, to, lines: [] });
    if (cues.length > maxCues) throw invalid(`there are more than ${maxCues} lines in them`);
  }
  if (cues.length === 0) throw invalid('they have no times such as 00:00:01,000 --> 00:00:03,000');
  return cues
    .map(({ from, to, lines: said }) => ({ from, to, text: withoutNotes(said, isVtt).join('\n').trim() }))
    .filter(({ text, from, to }) => text !== '' && to > from)
    .toSorted((one, other) => one.from - other.from);
}

/** The number of an SRT cue; in WebVTT any name, where it stands alone after an empty line. */
function dropName(lines: string[], isVtt: boolean): void {
  const at = lines.findLastIndex((line) => line.trim() !== '');
  const name = lines[at] ?? '';
  const isAlone = (lines[at - 1] ?? '').trim() === '' && at === lines.length - 1;
  // The first line of a cue is what is said, be it a number.
  if (at > 0 && (/^\s*\d+\s*$/.test(name) || (isVtt && isAlone))) lines.splice(at, 1);
}

/** In WebVTT an empty line ends a cue, and comments and styles may follow; in SRT it may be one of its lines. */
function withoutNotes(lines: readonly string[], isVtt: boolean): string[] {
  const end = isVtt ? lines.findIndex((line) => line.trim() === '') : -1;
  return lines
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
}

function secondsOf([hours = '0', minutes = '0', seconds = '0', fraction = '']: readonly (
  string | undefined
)[]): number {
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds) + Number(`0.${fraction.padEnd(1, '0')}`);
}

function invalid(reason: string): TerminalError {
  return new TerminalError(
    'NODE_DATA_INVALID',
    `These subtitles cannot be read: ${reason}. Connect SRT, WebVTT, or segments with "start", "end" and "text".`,
    { details: { handle: 'subtitles' } },
  );
}
