import { partsOf } from '../core/data-types/table.ts';
import { contentOf } from '../core/graph/cache-key.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import { configOf } from '../core/graph/config.ts';
import {
  chosenAmong,
  chosenPlaces,
  countElements,
  elementsOf,
  labelOf,
  type EachList,
  type PartElement,
} from '../core/graph/elements.ts';
import { planPart } from '../core/graph/plan-part.ts';
import type { GraphStructure, ResolvedEdge } from '../core/graph/structure.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import type { PartTemplate } from '../db/regions/advance.ts';
import { sha256, templateOf, valueReader, type FactsRequest, type KnownFacts } from './known-facts.ts';

/** What a region takes however short its list is. */
const charactersOfAny = 4_000;

/** Of a region that goes through lists. Throws what keeps them from going together. */
export function listFacts(request: FactsRequest): KnownFacts {
  const { driver, structure, outer, catalogue, maxElements } = request;
  const { region, outputs } = driver;
  const own = new Set(region.nodes);
  const coming = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const valueAt = valueReader({ driver, outer });
  const lists: EachList[] = [];
  const shared: [string, unknown][] = [];
  const takingNull = new Set<string>();
  for (const edge of coming) {
    if (!Object.hasOwn(region.each, edge.id)) {
      const value = valueAt(edge);
      if (value !== undefined) shared.push([edge.id, contentOf(value)]);
      continue;
    }
    const value = request.lists.get(edge.id);
    if (value !== undefined) lists.push({ edge: edge.id, origin: region.each[edge.id]!, list: value });
    if (takesNull(structure, catalogue, edge)) takingNull.add(edge.id);
  }
  const { pairing, only } = region.settings;
  const all = countElements(lists, pairing);
  const total = chosenPlaces(all, only)?.length ?? all;
  // What is too long fails by itself; until then nothing is made of it.
  const elements = total > maxElements ? [] : chosenAmong(elementsOf(lists, pairing, sha256), only);
  const hasLists = new Set(lists.map(({ edge }) => edge));
  const isSparse =
    Object.keys(region.each).some((id) => !hasLists.has(id)) ||
    elements.some(({ values }) => Object.entries(values).some(([id, value]) => value === null && !takingNull.has(id)));

  function isGiven(edgeId: string, index: number): boolean {
    const { values } = elements[index]!;
    if (!Object.hasOwn(values, edgeId)) return false;
    return values[edgeId] !== null || takingNull.has(edgeId);
  }

  const byAbsence = new Map<string, PartTemplate>();
  const comingById = new Map(coming.map((edge) => [edge.id, edge]));
  const graph = 'of' in region ? region.graph : undefined;

  return {
    driver,
    structure,
    elements,
    total,
    nodes: region.nodes.length,
    own,
    sharedKey: sha256(canonicalJson([shared.toSorted(([one], [other]) => (one < other ? -1 : 1)), region.nodes])),
    isSparse,
    characters: charactersOfAny + JSON.stringify(outputs).length + 200 * elements.length,
    outputsAt: (edge, index) => {
      if (Object.hasOwn(region.each, edge.id))
        return isGiven(edge.id, index) ? { [edge.sourceHandle]: elements[index]!.values[edge.id]! } : null;
      const value = valueAt(edge);
      return value === undefined ? null : { [edge.sourceHandle]: value };
    },
    planOf: (index, partial) => {
      const absent = Object.keys(region.each).filter((id) => !isGiven(id, index));
      const name = absent.join(' ');
      const known = partial === undefined ? byAbsence.get(name) : undefined;
      if (known !== undefined) return known;
      const { nodes } = planPart({
        region,
        structure,
        catalogue,
        isGiven: (id) =>
          Object.hasOwn(region.each, id) ? !absent.includes(id) : valueAt(comingById.get(id)!) !== undefined,
        ...(partial !== undefined && { finished: partial.finished }),
        hash: sha256,
      });
      const template = templateOf(nodes, graph);
      if (partial === undefined) byAbsence.set(name, template);
      return template;
    },
  };
}

/** A place without a value is a value like any other only where anything is taken. */
function takesNull(structure: GraphStructure, catalogue: NodeCatalogue, edge: ResolvedEdge): boolean {
  const node = structure.nodes.get(edge.target)!;
  const definition = catalogue.get(node.type)!;
  const handles = handlesOf(definition, configOf(structure.configs, definition, node));
  const input = handles.inputs.find(({ id }) => id === edge.targetHandle);
  if (input === undefined) return false;
  const { element } = partsOf(input.dataType);
  return element === 'any' || element === 'json';
}

/** A few words of what a part gets; null where there are none. */
export function labelOfPart({ values }: PartElement): string | null {
  for (const value of Object.values(values)) {
    const label = labelOf(value);
    if (label !== null) return label;
  }
  return null;
}
