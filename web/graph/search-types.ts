import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { categoryTitles } from '../../core/node-type/definition.ts';

/**
 * How well a node type answers to what somebody typed: 0 best, null not at all. Every word has to be found, by the
 * beginning of one in the title, of one in its other names, or else anywhere in its group and description. One of whose
 * other names is exactly what was typed comes before those that only have its words.
 */
function rankOf(
  { title, description, category, keywords = [] }: NodeTypeInfo,
  words: readonly string[],
): number | null {
  const places = [title, keywords.join(' '), `${categoryTitles[category]} ${description}`].map(
    (text) => ` ${text.toLowerCase()}`,
  );
  let worst = 0;
  for (const word of words) {
    const place = places.findIndex((text, index) => text.includes(index < 2 ? ` ${word}` : word));
    if (place === -1) return null;
    worst = Math.max(worst, place);
  }
  const isNamedSo = keywords.some((name) => name.toLowerCase() === words.join(' '));
  return worst > 0 && isNamedSo ? 0.5 : worst;
}

/** The choices whose node type answers to a search, those that are called so first, otherwise in their order. */
export function searchTypes<Choice>(
  choices: readonly Choice[],
  search: string,
  infoOf: (choice: Choice) => NodeTypeInfo,
): Choice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return choices
    .flatMap((choice) => {
      const rank = rankOf(infoOf(choice), words);
      return rank === null ? [] : [{ choice, rank }];
    })
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ choice }) => choice);
}
