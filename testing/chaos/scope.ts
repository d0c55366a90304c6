import type { Graph } from '../../core/graph/graph.ts';
import type { Region } from '../../core/graph/regions.ts';
import type { GraphStructure, ResolvedEdge } from '../../core/graph/structure.ts';
import type { OutputValue } from '../../core/node-type/values.ts';
import type { ConfirmedAnswers } from './answers.ts';
import type { HistoryNode, HistoryRun, Parts } from './history.ts';

/** What was seen, besides a run itself. */
export interface Evidence {
  /** All runs and parts, by id. */
  readonly history: ReadonlyMap<string, HistoryRun>;
  readonly parts: Parts;
  /** Calls of the provider by node execution. */
  readonly callsOf: (nodeExecutionId: string) => number;
  /** Published graphs by the workflow. */
  readonly called: ReadonlyMap<number, Graph>;
  readonly answers: ConfirmedAnswers;
}

/** The nodes of a run, or of one part, with what comes in from outside. */
export interface Scope {
  readonly structure: GraphStructure;
  /** Those that have an execution here, dependencies first. */
  readonly nodeIds: readonly string[];
  /** What is repeated here. */
  readonly regions: readonly Region[];
  readonly run: HistoryRun;
  /** What an edge carries whose source is not executed here; undefined: nothing. */
  readonly outside: (edge: ResolvedEdge) => OutputValue | undefined;
  /** The whole run was: of what is unfinished nothing is to be expected. */
  readonly isCancelled: boolean;
  /** Before each complaint. */
  readonly name: string;
}

export interface CheckedScope {
  /** Something failed here that nobody handles. */
  readonly isFailed: boolean;
  readonly excusedNodes: number;
}

/** What is at hand while the nodes of a scope are checked. */
export interface ScopeView extends Scope {
  readonly rows: ReadonlyMap<string, HistoryNode>;
  /** What an edge into a node of this scope carries; undefined: nothing. */
  readonly valueOf: (edge: ResolvedEdge) => OutputValue | undefined;
  readonly handling: ReadonlySet<string>;
  readonly evidence: Evidence;
  readonly complain: (problem: string) => void;
}

/** Checks the scopes within a scope. */
export type CheckNested = (scope: Scope, evidence: Evidence, complain: (problem: string) => void) => CheckedScope;
