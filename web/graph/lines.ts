/** A line for an item of a list: what is no text stands in it as JSON. */
export function lineOf(item: unknown): string {
  return typeof item === 'string' ? item : (JSON.stringify(item) ?? '');
}

/** The items of a list that was typed, one a line, of its data type where they are; empty lines count for nothing. */
export function linesOf(text: string, type: unknown = 'text'): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  switch (type) {
    case 'number':
      return lines.map((line) => (Number.isFinite(Number(line)) ? Number(line) : line));
    case 'boolean':
      return lines.map((line) =>
        /^\s*(?:yes|true)\s*$/i.test(line) ? true : /^\s*(?:no|false)\s*$/i.test(line) ? false : line,
      );
    case 'json':
    case 'any':
      return lines.map(parsed);
    default:
      return lines;
  }
}

/** Data as it is; a text stays in its line, with or without quotes. */
function parsed(line: string): unknown {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'string' ? line : value;
  } catch {
    return line;
  }
}
