import { RE2JS } from 're2js';

/*
 * Patterns are matched in linear time (RE2): no pattern can keep a worker busy forever. What needs
 * backtracking (look-around, back-references) is an error that names the place.
 */

/** Instructions of a compiled pattern: beyond it, each letter of a text would take too long. */
const maxProgramSize = 5_000;

/** How the text to look for is read. */
export interface PatternOptions {
  /** Plain text: every character stands for itself. */
  readonly isPlain: boolean;
  readonly ignoresCase: boolean;
}

/** A pattern ready for use, or what is wrong with it in words. */
export function compilePattern(source: string, { isPlain, ignoresCase }: PatternOptions): RE2JS | string {
  if (source === '') return 'There is nothing to look for. Enter a text.';
  try {
    const pattern = RE2JS.compile(
      isPlain ? RE2JS.quote(source) : source,
      (ignoresCase ? RE2JS.CASE_INSENSITIVE : 0) | (isPlain ? 0 : RE2JS.MULTILINE),
    );
    return pattern.programSize() <= maxProgramSize
      ? pattern
      : 'The pattern is too large. Use smaller counts or fewer alternatives.';
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    return `The pattern cannot be read: ${reason}. Look-around and back-references are not possible.`;
  }
}
