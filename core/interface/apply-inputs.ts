import { currentData } from '../graph/config.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { assetsGiven, withValue, wrongValue } from './input-value.ts';
import { inputsOf, type WorkflowInput } from './inputs.ts';

/** Why a run does not take the values it was given, by the place in its request. */
export interface RunInputFinding {
  readonly code: 'RUN_INPUT_UNKNOWN' | 'RUN_INPUT_MISSING' | 'RUN_INPUT_INVALID';
  readonly message: string;
  /** `inputs.photo` */
  readonly path: string;
  readonly nodeIds?: readonly string[];
}

/** An input that is a file which was uploaded before: whether the user has it is looked up where files are. */
export interface GivenAsset {
  readonly input: WorkflowInput;
  readonly assetId: string;
}

/** A graph with the values of one run in it. */
export interface GraphOfRun {
  /** The same object where the workflow has no inputs. */
  readonly graph: Graph;
  readonly findings: readonly RunInputFinding[];
  /** Those whose value was replaced. */
  readonly inputs: readonly WorkflowInput[];
  readonly assets: readonly GivenAsset[];
}

/**
 * Puts the values of one run into the nodes that are its inputs: what was given, else the input's default, else what the
 * node holds. What the graph has besides stays as it is.
 *
 * @param given by name; values of any shape
 * @param isWhole whether the whole workflow runs: a part of it does not need every input
 */
export function applyInputs(
  graph: Graph,
  catalogue: NodeCatalogue,
  given: Readonly<Record<string, unknown>>,
  isWhole: boolean,
): GraphOfRun {
  const inputs = inputsOf(graph, catalogue);
  const { findings, assets, values } = lookAtGiven(inputs, given, isWhole);
  const changed = new Map<string, GraphNode>();
  const nodes = new Map(values.length === 0 ? [] : graph.nodes.map((node) => [node.id, node]));
  for (const { input, value } of values) {
    changed.set(input.nodeId, replaced(nodes.get(input.nodeId)!, catalogue, input, value));
  }
  if (changed.size === 0) return { graph, findings, inputs: [], assets };
  return {
    graph: { ...graph, nodes: graph.nodes.map((node) => changed.get(node.id) ?? node) },
    findings,
    inputs: inputs.filter(({ nodeId }) => changed.has(nodeId)),
    assets,
  };
}

/** The values of one run for the inputs of its workflow. */
export interface LookedAtInputs {
  readonly findings: readonly RunInputFinding[];
  readonly assets: readonly GivenAsset[];
  /** Those that take the place of what their nodes hold. */
  readonly values: readonly { readonly input: WorkflowInput; readonly value: unknown }[];
}

/** Holds the values of one run against the inputs of its workflow. Parameters as those of `applyInputs`. */
export function lookAtGiven(
  inputs: readonly WorkflowInput[],
  given: Readonly<Record<string, unknown>>,
  isWhole: boolean,
): LookedAtInputs {
  const findings = unknownInputs(inputs, Object.keys(given));
  const assets: GivenAsset[] = [];
  const values: { input: WorkflowInput; value: unknown }[] = [];
  for (const input of inputs) {
    const isGiven = Object.hasOwn(given, input.name);
    const value = isGiven ? given[input.name] : input.fallback;
    const path = `inputs.${input.name}`;
    if (value === undefined) {
      if (isWhole) findings.push(missing(input, path));
      continue;
    }
    const wrong = isGiven ? wrongValue(input, value) : null;
    if (wrong !== null) {
      const message = `The input "${input.name}" does not fit. ${wrong}`;
      findings.push({ code: 'RUN_INPUT_INVALID', message, path, nodeIds: [input.nodeId] });
      continue;
    }
    if (!isGiven && input.settings.default === undefined) continue;
    for (const assetId of assetsGiven(input, value)) assets.push({ input, assetId });
    values.push({ input, value });
  }
  return { findings, assets, values };
}

function replaced(node: GraphNode, catalogue: NodeCatalogue, input: WorkflowInput, value: unknown): GraphNode {
  const definition = catalogue.get(node.type)!;
  const data = withValue(input, currentData(definition, node), value);
  return (node.typeVersion ?? 1) < definition.version
    ? { ...node, typeVersion: definition.version, data }
    : { ...node, data };
}

/** Names are quoted up to here. */
const shownLength = 100;

function unknownInputs(inputs: readonly WorkflowInput[], names: readonly string[]): RunInputFinding[] {
  const known = new Set(inputs.map(({ name }) => name));
  return names
    .filter((name) => !known.has(name))
    .map((name) => {
      const shown = name.slice(0, shownLength);
      const meant = inputs.find((input) => input.name.toLowerCase() === name.toLowerCase())?.name;
      const advice =
        meant !== undefined
          ? `Write it as "${meant}".`
          : known.size === 0
            ? 'It has none. Leave "inputs" out, or mark a node as an input.'
            : `Give some of: ${[...known].join(', ')}.`;
      const message = `The workflow has no input "${shown}". ${advice}`;
      return { code: 'RUN_INPUT_UNKNOWN', message, path: `inputs.${shown}` };
    });
}

function missing({ name, nodeId }: WorkflowInput, path: string): RunInputFinding {
  const message = `The input "${name}" is missing. Give it a value in "inputs".`;
  return { code: 'RUN_INPUT_MISSING', message, path, nodeIds: [nodeId] };
}
