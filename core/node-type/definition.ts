import type { z } from 'zod';
import type { DataType, FileType } from '../data-types/table.ts';
import type { FfmpegNeed } from './ffmpeg-parts.ts';
import type { JsonValue } from './values.ts';

/** A place where edges begin. Saved edges name its `id`, so it must not change. */
export interface OutputHandle {
  readonly id: string;
  readonly title: string;
  readonly dataType: DataType;
  /** Its type follows what is connected to an input, as far as that is known before a run. Default: it is `dataType`. */
  readonly follows?: FollowedInput;
}

/** How the type of an output follows an input. */
export interface FollowedInput {
  readonly input: string;
  /**
   * - `list`: a list of what comes in, of its elements where that are lists.
   * - `element`: one element of the lists that come in.
   * - `same`: the list that comes in, or one of several alike; `dataType` where it is none.
   * - `alone`: as `same` where one edge leads there, else `dataType`.
   * - `values`: a list of all that comes in, each as it is; `dataType` where some are lists and some are none.
   */
  readonly as: 'list' | 'element' | 'same' | 'alone' | 'values';
}

/** A place where edges end. Saved edges name its `id`, so it must not change. */
export interface InputHandle extends Omit<OutputHandle, 'follows'> {
  /** Accepts any number of edges; the values arrive as an array in edge order. Default false. */
  readonly many?: boolean;
  /** A run is refused while nothing is connected here (and `configField`, where given, is empty). Default false. */
  readonly required?: boolean;
  /**
   * The node is there for what comes in here: once connected it is skipped where only branches that are not taken lead
   * here. Default: as `required`. Other inputs simply have no value then.
   */
  readonly carries?: boolean;
  /** The field of `data` with the same meaning; a connected edge wins over it. */
  readonly configField?: string;
  /** An edge that names no input never means this one: a type that grows an input keeps the graphs that exist. Default false. */
  readonly onlyByName?: boolean;
}

/** Where edges end and begin at one node. */
export interface NodeHandles {
  readonly inputs: readonly InputHandle[];
  readonly outputs: readonly OutputHandle[];
}

/**
 * Where the work of a node happens.
 * - `inline`: pure and tiny; completed on the spot, without a job.
 * - `io`: waits for the outside world; a job on the `io` queue.
 * - `cpu`: decodes media; a job on the `cpu` queue, so that it cannot starve `io`.
 */
export type CostClass = 'inline' | 'io' | 'cpu';

/** Where node types stand in the palette, in its order: what each group is called. */
export const categoryTitles = {
  input: 'Inputs',
  text: 'Text',
  ai: 'AI',
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  connect: 'Connect',
  flow: 'Flow',
} as const;
/** A group of the palette. */
export type NodeCategory = keyof typeof categoryTitles;
/** In the order of the palette. */
export const nodeCategories = Object.keys(categoryTitles) as [NodeCategory, ...NodeCategory[]];

/** Where a node holds a value that was typed, chosen or uploaded, and that an input of the workflow can replace in one run. */
export interface HeldValue {
  /** The field of `data` with the value; of files, the one with their address. */
  readonly field: string;
  /** The field with an uploaded file, which wins over an address. Default: it holds no file. */
  readonly fileField?: string;
  /** The field with the list of what can be chosen. Default: anything of the type of its output. */
  readonly optionsField?: string;
}

/** One way to know the shape of a picture before it is made: a field that says it, two fields with its sides, or an input. */
export interface ShapeRule {
  /** Counts only while these fields have one of these values. */
  readonly when?: Readonly<Record<string, readonly unknown[]>>;
  /** A field with a ratio, as `16:9`. */
  readonly aspect?: string;
  /** Fields with width and height. */
  readonly sides?: readonly [string, string];
  /** An input whose picture has that shape; `part` names fields with the part of its width and height, in percent. */
  readonly like?: string;
  readonly part?: readonly [string, string];
}

/** How high a node is while fields have one of these values. */
export interface EditedHeight {
  readonly when: Readonly<Record<string, readonly unknown[]>>;
  /** In pixels of the canvas. */
  readonly height: number;
}

/** How a node is drawn where its form and handles do not say it. */
export interface NodeLook {
  /** In pixels of the canvas, with room for its results: what is reckoned with before it is measured. Default 290. */
  readonly height?: number;
  /** Heights with an editor of its own that stands on the node in place of the form; the first that fits counts. `height` is with the form then. */
  readonly edited?: readonly EditedHeight[];
  /** It shows what it puts out in its own fields, so no results stand below them. Default false. */
  readonly showsOutput?: boolean;
  /** The outputs whose values stand on the node; all of them stand in the inspector. Default: all. */
  readonly results?: readonly string[];
  /** In small its image is that of an input; of a part of it where `part` names fields in percent: left, top, width, height. */
  readonly picture?: { readonly input: string; readonly part?: readonly [string, string, string, string] };
  /** Of which shape its picture will be: the first rule that can tell counts. Default: nobody knows ahead. */
  readonly shape?: readonly ShapeRule[];
}

/**
 * Everything about a node type that every side may know: no I/O, so server,
 * worker and browser load the same object. `type` is what
 * `workflows.data.nodes[].type` holds.
 *
 * @example
 * const shoutNode = defineNode({
 *   type: 'shout',
 *   version: 1,
 *   title: 'Shout',
 *   description: 'Turns text into capital letters.',
 *   category: 'flow',
 *   icon: 'megaphone',
 *   inputs: [{ id: 'input', title: 'Text', dataType: 'text', configField: 'text' }],
 *   outputs: [{ id: 'output', title: 'Text', dataType: 'text' }],
 *   configSchema: z.object({
 *     label: z.string().max(255).optional(),
 *     text: z.string().default('').meta({ title: 'Text', control: 'textarea' }),
 *   }),
 *   defaults: { label: 'Shout', text: '' },
 *   costClass: () => 'inline',
 *   isDeterministic: () => true,
 * });
 */
export interface NodeDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  /** Counts up when the meaning of the config changes; part of the output cache's key. */
  readonly version: number;
  readonly title: string;
  /** One sentence for the palette. */
  readonly description: string;
  readonly category: NodeCategory;
  /** What people call it besides its title and description, for the search: `resize`, `thumbnail`. Default: nothing. */
  readonly keywords?: readonly string[];
  /** Name of a lucide icon, in kebab-case. */
  readonly icon: string;
  /** With `handles`: those that a freshly added node has. */
  readonly inputs: readonly InputHandle[];
  readonly outputs: readonly OutputHandle[];
  /**
   * The handles of a node with this config, where they follow from it: the cases of a switch, the names in a template.
   * Edges name handles by id, so one that is renamed keeps its id, and an edge keeps its end. Pure and quick: it is
   * asked on every change of the canvas. Default: `inputs` and `outputs`.
   */
  handles?(config: z.output<Schema>): NodeHandles;
  /**
   * Schema of the node's `data`. Fields that only the canvas uses (`status`,
   * `response`, `errorMessage`) are not part of it and are ignored.
   * Form hints sit in `.meta({ title, description, control, placeholder })`.
   */
  readonly configSchema: Schema;
  /** The field that a value for the node as a whole sets, as in `heddle run --input node=value`. Default: it has none. */
  readonly mainField?: string;
  /** A node that holds a value, put out as it is, can be marked as an input of its workflow. Default: it holds none. */
  readonly value?: HeldValue;
  readonly look?: NodeLook;
  /** Parts of ffmpeg that it works with and some builds lack; a palette says so. Default: none. */
  readonly needs?: readonly FfmpegNeed[];
  /** The `data` of a freshly added node. */
  readonly defaults: Readonly<z.input<Schema>>;
  /**
   * Turns the `data` that an earlier version of this type has left in a saved
   * graph into that of this one. `fromVersion` is below `version`; what it does not know it leaves alone.
   * Default: data of every version is read as it is.
   */
  migrate?(data: Readonly<Record<string, unknown>>, fromVersion: number): Readonly<Record<string, unknown>>;
  /**
   * It stands for another workflow, whose graph the run pins. Null while none is chosen, or where it is not pinned yet.
   * Default: it does not.
   */
  calls?(config: z.output<Schema>): CalledWorkflow | null;
  /**
   * - `begin`: a loop begins, up to the node after it that ends one. Its input `value` is what the first lap gets, its output
   *   `output` what each gets.
   * - `end`: its output `output` is what the next lap gets, and `ended` is `condition` where there is to be none.
   *
   * Default: neither.
   */
  readonly loop?: 'begin' | 'end';
  /** How many laps a loop that begins with it has at most. Default: one. */
  laps?(config: z.output<Schema>): number;
  /** A run gives a value to some of its outputs only; the branches at the others are not taken. Default false. */
  readonly branches?: boolean;
  costClass(config: z.output<Schema>): CostClass;
  /** Same config and same inputs give the same output, so an earlier result may stand in for a new one. */
  isDeterministic(config: z.output<Schema>): boolean;
  /**
   * What an inline node will put out, by output handle, as far as its config alone
   * says so; null where it does not. A plan foretells with it which outputs of others
   * are in the cache. Default: null.
   */
  outputsAhead?(config: z.output<Schema>): Readonly<Record<string, OutputAhead>> | null;
  /** The wall-clock limit of one attempt, in milliseconds. Default: the worker's node timeout. */
  timeoutMs?(config: z.output<Schema>): number;
  /**
   * What keeps this config from running, beyond what the schema says. Checked when a run starts. `connected`: the inputs by
   * id; `incoming`: what comes into them, edge by edge, as far as that is known before a run.
   */
  check?(
    config: z.output<Schema>,
    connected: ReadonlySet<string>,
    incoming?: readonly ConnectedInput[],
  ): readonly ConfigFinding[];
}

/** One edge into a node. */
export interface ConnectedInput {
  readonly input: string;
  /** Of the output that it comes from. */
  readonly dataType: DataType;
  /** Of a file that is known before a run; null where it is not. */
  readonly mimeType: string | null;
}

/** What a node calls. */
export interface CalledWorkflow {
  readonly workflowId: number;
  /** A published version by its number, or that which is live when a run is planned. */
  readonly version: number | 'live';
  /** The name of its graph within the frozen graph of a run; null before that. */
  readonly graph: string | null;
}

/** A value, or the user's asset of that id, which has to be of that kind. */
export type OutputAhead = { readonly value: JsonValue } | { readonly assetId: string; readonly kind: FileType };

/** Why a node cannot run, told before the run starts. */
export interface ConfigFinding {
  /** Field of `data`, or an input handle. */
  readonly field: string;
  readonly message: string;
}

/** Keeps the schema's type while checking the shape. */
export function defineNode<Schema extends z.ZodObject>(definition: NodeDefinition<Schema>): NodeDefinition<Schema> {
  return definition;
}

/** A definition whose config type is not known where it is used. */
// The methods take the config they themselves parsed, so the widening is safe at the one place that calls them.
export type AnyNodeDefinition = NodeDefinition<z.ZodObject>;

/** Definitions by `type`. */
export type NodeCatalogue = ReadonlyMap<string, AnyNodeDefinition>;

/** Where two definitions share a `type`, the last one wins. */
export function catalogueOf(definitions: readonly AnyNodeDefinition[]): NodeCatalogue {
  return new Map(definitions.map((definition) => [definition.type, definition]));
}
