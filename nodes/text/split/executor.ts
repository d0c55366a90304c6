import type { RE2JS } from 're2js';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import { compilePattern } from '../replace/pattern.ts';
import { chunksOf } from './chunks.ts';
import { splitTextNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and NODE_DATA_INVALID where the settings cannot be used. */
export const splitTextExecutor = defineExecutor(splitTextNode, async ({ config, inputs }) => {
  const text = textInput(inputs, 'text');
  if (text === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "text". Connect a text.', {
      details: { handle: 'text' },
    });
  }
  const [flaw] = splitTextNode.check?.(config, new Set(['text'])) ?? [];
  if (flaw !== undefined)
    throw new TerminalError('NODE_DATA_INVALID', flaw.message, { details: { field: flaw.field } });
  const { by, separator, length, overlap, pattern } = config;
  const parts =
    by === 'line'
      ? text.split(/\r\n|\r|\n/)
      : by === 'paragraph'
        ? text.split(/(?:\r\n|\r|\n)(?:[^\S\r\n]*(?:\r\n|\r|\n))+/)
        : by === 'separator'
          ? text.split(separator)
          : by === 'length'
            ? chunksOf(text, { length, overlap })
            : splitAt(text, compilePattern(pattern, { isPlain: false, ignoresCase: false }) as RE2JS);
  const trimmed = config.trim ? parts.map((part) => part.trim()) : parts;
  return { output: config.skipEmpty ? trimmed.filter((part) => part.trim() !== '') : trimmed };
});

/** What stands between the matches of a pattern; where it matches nothing at all, it does not split. */
function splitAt(text: string, pattern: RE2JS): string[] {
  const parts: string[] = [];
  const matcher = pattern.matcher(text);
  let from = 0;
  while (matcher.find()) {
    if (matcher.end() === matcher.start()) continue;
    parts.push(text.slice(from, matcher.start()));
    from = matcher.end();
  }
  return [...parts, text.slice(from)];
}
