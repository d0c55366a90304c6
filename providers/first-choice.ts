/** One of several answers to one request, as events bring them. */
interface Choice {
  readonly index?: number | null | undefined;
}

/**
 * Follows one of several answers through a stream: the lowest of those that come first. Some servers give two where one was
 * asked for, piece by piece in turn, in any order; what has no number belongs to the one that is followed.
 */
export class FirstChoice {
  #index: number | null = null;

  /** The choice of an event that belongs to the answer; undefined where all belong to others. */
  of<Each extends Choice>(choices: readonly Each[]): Each | undefined {
    if (choices.length === 0) return undefined;
    this.#index ??= Math.min(...choices.map(({ index }) => index ?? 0));
    return choices.find(({ index }) => (index ?? this.#index) === this.#index);
  }
}
