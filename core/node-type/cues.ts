/** A line that is shown for a time. */
export interface Cue {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** Lines with `\n` between them. Tags `<i>`, `<b>` and `<u>` are obeyed, no others. */
  readonly text: string;
}
