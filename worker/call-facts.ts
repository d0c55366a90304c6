import { contentOf } from '../core/graph/cache-key.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import { configOf } from '../core/graph/config.ts';
import { resolveInputs } from '../core/graph/inputs.ts';
import { planCalled } from '../core/graph/plan-part.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import { inputsOf } from '../core/interface/inputs.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import type { OutputValue } from '../core/node-type/values.ts';
import { sha256, templateOf, valueReader, type FactsRequest, type KnownFacts } from './known-facts.ts';

/** What a call takes of memory however little it is given. */
const charactersOfAny = 4_000;

/** Of a call: one part, with the nodes of the called workflow but for the inputs that the call gives a value to. */
export function callFacts({ driver, structure, outer, catalogue }: FactsRequest, called: GraphStructure): KnownFacts {
  const { region, nodeId, outputs } = driver;
  const node = structure.nodes.get(nodeId)!;
  const definition = catalogue.get(node.type)!;
  const handles = handlesOf(definition, configOf(structure.configs, definition, node));
  const valueAt = valueReader({ driver, outer });
  const given = resolveInputs(handles, structure.incoming.get(nodeId) ?? [], (_source, edge) => {
    const value = valueAt(edge);
    return value === undefined ? null : { [edge.sourceHandle]: value };
  });
  const values = new Map<string, OutputValue>();
  for (const { nodeId: input, name } of inputsOf({ nodes: [...called.nodes.values()] }, catalogue)) {
    if (Object.hasOwn(given, name)) values.set(input, given[name]!);
  }
  const own = new Set([...called.nodes.keys()].filter((id) => !values.has(id)));
  const { graph } = region.call!;
  return {
    driver,
    structure: called,
    elements: [{ index: 0, key: 'call', values: {} }],
    total: 1,
    nodes: Math.max(1, own.size),
    own,
    sharedKey: sha256(canonicalJson([graph, contentOf(given)])),
    isSparse: false,
    characters: charactersOfAny + JSON.stringify(outputs).length,
    outputsAt: ({ source, sourceHandle }) => {
      const value = values.get(source);
      const held = called.nodes.get(source);
      if (value === undefined || held === undefined) return null;
      const type = catalogue.get(held.type)!;
      const [output] = handlesOf(type, configOf(called.configs, type, held)).outputs;
      return output?.id === sourceHandle ? { [sourceHandle]: value } : null;
    },
    planOf: (_index, partial) => {
      const { nodes } = planCalled({
        structure: called,
        catalogue,
        given: new Set(values.keys()),
        timeoutMs: region.timeoutMs,
        ...(partial !== undefined && { finished: partial.finished }),
        hash: sha256,
      });
      return templateOf(nodes, graph);
    },
  };
}
