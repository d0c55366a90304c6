/**
 * One line of a CSV file (RFC 4180), with its end. Nothing gives an empty cell, and what is no text is written as JSON.
 * Text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? asText(value) : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asText(value: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+(?:[.,]\d+)*$/.test(value);
  return isFormula ? `'${value}` : value;
}
