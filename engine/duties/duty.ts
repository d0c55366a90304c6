/**
 * Something that has to be done again and again, whoever does it: a file of its own, a test of its own and one line in
 * a list. It is called in rounds, by `createDutyRunner`, and holds nothing between two of them: another process may do
 * the next one. One that dies half-way harms nothing, because each step of it is a guarded statement or can be repeated.
 *
 * @example
 * export const endLateRuns: Duty<SweepContext> = {
 *   name: 'end-late-runs',
 *   everyMs: 0,
 *   run: async ({ pool, notices }) => { … },
 * };
 */
export interface Duty<Context> {
  /** What the log calls it: that of its file. */
  readonly name: string;
  /** Milliseconds from its end until it is due again; 0: in every round of its list. A function where a setting says it. */
  readonly everyMs: number | ((context: Context) => number);
  /** Does it once. What it throws is told to the log, and the duties after it go on. */
  run(context: Context & Round): Promise<void>;
}

/** What the runner tells a duty besides the context of its list. */
export interface Round {
  /** Aborts when the program stops: what takes long ends then. */
  readonly signal: AbortSignal;
  /** Makes a duty that stands further down in the list due in this round, whenever it was done last. */
  hurry(duty: { readonly name: string }): void;
}
