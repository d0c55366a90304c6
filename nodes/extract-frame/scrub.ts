/** The moment that a timestamp means, in seconds; null where it is not one. `durationS` is needed for percents. */
export function secondsOf(timestamp: string, durationS: number): number | null {
  const text = timestamp.trim();
  if (/^\d+(\.\d+)?\s*%$/.test(text)) return (Number.parseFloat(text) / 100) * durationS;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^\d+(:\d{1,2}){1,2}(\.\d+)?$/.test(text))
    return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return null;
}

/** Writes a moment the way the timestamp was written before: percent stays percent. */
export function timestampAt(seconds: number, durationS: number, like: string): string {
  if (like.trim().endsWith('%')) return durationS > 0 ? `${trimmed((seconds / durationS) * 100, 1)}%` : '0%';
  return trimmed(seconds, 2);
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
