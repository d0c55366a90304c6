/*
 * A film of many pictures is made in groups, one after the other, so that a few pictures are in memory whatever there are.
 * A group ends where the next picture begins; the transition that takes place then belongs to the next group, which shows
 * the end of the picture before it once more.
 */

/** What a group shows of a picture. */
export interface SlidePart {
  /** Its number among all pictures, from 0. */
  readonly picture: number;
  /** Frames that it is moved for, with those below the transition after it. */
  readonly of: number;
  /** The first of them that is shown, and how many are. */
  readonly from: number;
  readonly count: number;
}

/** Pictures that are made into one piece of the film. */
export interface SlideGroup {
  readonly parts: readonly SlidePart[];
  /** Whether a picture comes before it, and after it. */
  readonly continues: boolean;
  readonly goesOn: boolean;
  /** Frames of the film. */
  readonly frames: number;
}

/**
 * `slides` are the frames that each picture is the one that is shown for, `overlap` those that neighbors have in common. No
 * group has more than `atOnce` pictures, which are two at least.
 */
export function slideGroups(slides: readonly number[], overlap: number, atOnce: number): SlideGroup[] {
  const last = slides.length - 1;
  // The one before stays below the next until that has come.
  const wholes = slides.map((own, index) => own + (index < last ? overlap : 0));
  const groups: SlideGroup[] = [];
  for (let begin = 0, end = 0; begin < slides.length; begin = end) {
    const before = begin > 0 && overlap > 0 ? [begin - 1] : [];
    end = Math.min(slides.length, begin + atOnce - before.length);
    const own = Array.from({ length: end - begin }, (_, at) => begin + at);
    groups.push({
      parts: [
        ...before.map((picture) => ({ picture, of: wholes[picture]!, from: slides[picture]!, count: overlap })),
        ...own.map((picture) => ({
          ...{ picture, of: wholes[picture]!, from: 0 },
          count: picture === end - 1 ? slides[picture]! : wholes[picture]!,
        })),
      ],
      continues: begin > 0,
      goesOn: end < slides.length,
      frames: own.reduce((sum, picture) => sum + slides[picture]!, 0),
    });
  }
  return groups;
}
