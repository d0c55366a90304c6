import { contentOf } from '../core/graph/cache-key.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import { keyOf, type PartElement } from '../core/graph/elements.ts';
import { planPart } from '../core/graph/plan-part.ts';
import type { OutputValue } from '../core/node-type/values.ts';
import type { PartTemplate } from '../db/regions/advance.ts';
import { sha256, templateOf, valueReader, type FactsRequest, type KnownFacts } from './known-facts.ts';

/** What a loop takes of memory however little goes through it, and for each lap. */
const charactersOfAny = 4_000;
const charactersOfLap = 400;

/**
 * Of a loop: as many parts as it may have laps. The element of a lap is the value that it gets, so that laps of an earlier run
 * stand in as the elements of a list do: each for the one that gets the same.
 */
export function loopFacts({ driver, structure, outer, catalogue }: FactsRequest): KnownFacts {
  const { region, nodeId: begin, outputs } = driver;
  const { most } = region.loop!;
  const own = new Set(region.nodes);
  const coming = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const valueAt = valueReader({ driver, outer });
  const first = coming.find(({ target }) => target === begin);
  const shared = coming.flatMap((edge) => {
    const value = edge === first ? undefined : valueAt(edge);
    return value === undefined ? [] : [[edge.id, contentOf(value)] as const];
  });
  const elements: PartElement[] = Array.from({ length: most }, (_none, index) => ({
    index,
    key: `lap ${index + 1}`,
    values: {},
  }));
  const times = new Map<string, number>();
  let known = 0;

  function learn(value: OutputValue): void {
    const key = keyOf(value, sha256);
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    elements[known] = {
      index: known,
      key: time === 1 ? key : `${key}#${time}`,
      values: first === undefined ? {} : { [first.id]: value },
    };
    known += 1;
  }

  const given = first === undefined ? undefined : valueAt(first);
  learn(given ?? null);
  let plain: PartTemplate | undefined;

  return {
    driver,
    structure,
    elements,
    laps: {
      get known() {
        return known;
      },
      learn,
    },
    total: most,
    nodes: region.nodes.length,
    own,
    sharedKey: sha256(canonicalJson([shared.toSorted(([one], [other]) => (one < other ? -1 : 1)), region.nodes])),
    isSparse: false,
    characters: charactersOfAny + JSON.stringify(outputs).length + charactersOfLap * most,
    outputsAt: (edge, index) => {
      const value = edge.id === first?.id ? elements[index]!.values[edge.id] : valueAt(edge);
      return value === undefined ? null : { [edge.sourceHandle]: value };
    },
    planOf: (_index, partial) => {
      if (partial === undefined && plain !== undefined) return plain;
      const { nodes } = planPart({
        region,
        structure,
        catalogue,
        isGiven: (id) => {
          const edge = coming.find((one) => one.id === id);
          return edge !== undefined && valueAt(edge) !== undefined;
        },
        ...(partial !== undefined && { finished: partial.finished }),
        hash: sha256,
      });
      const template = templateOf(nodes, 'of' in region ? region.graph : undefined);
      if (partial === undefined) plain = template;
      return template;
    },
  };
}
