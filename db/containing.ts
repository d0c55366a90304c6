/** A pattern of `like` for whatever has this text in it; none of its characters stands for others. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
