import { refuseFindings } from '../../../core/graph/findings.ts';
import { partsOf, rowOf, type DataType } from '../../../core/data-types/table.ts';
import { schemaOfInputs, type JsonSchema } from '../../../core/interface/input-schema.ts';
import { lookAtGiven } from '../../../core/interface/apply-inputs.ts';
import type { WorkflowInput } from '../../../core/interface/inputs.ts';
import type { LinkRow } from '../../../db/links/rows.ts';

type Allowing = Pick<LinkRow, 'inputs' | 'fixed'>;

/** The inputs that whoever comes by a link may give. Hidden ones are none of them, nor those with a fixed value. */
function allowedInputs(inputs: readonly WorkflowInput[], { inputs: names, fixed }: Allowing): WorkflowInput[] {
  return inputs.filter(
    ({ name, settings }) =>
      !Object.hasOwn(fixed, name) && (names === null ? settings.hidden !== true : names.includes(name)),
  );
}

/**
 * The JSON Schema of what they may give. A file that the workflow has of its own counts where none is given, but it is not
 * theirs to read: neither it nor its address is told.
 */
export function shownInputs(inputs: readonly WorkflowInput[], link: Allowing): JsonSchema {
  const allowed = allowedInputs(inputs, link);
  const schema = schemaOfInputs(allowed);
  const properties = Object.entries(schema['properties'] as Readonly<Record<string, JsonSchema>>);
  const ofFiles = new Set(allowed.flatMap(({ name, dataType }) => (isOfFiles(dataType) ? [name] : [])));
  return {
    ...schema,
    properties: Object.fromEntries(
      properties.map(([name, { default: own, ...rest }]) => [
        name,
        own === undefined || ofFiles.has(name) ? rest : { ...rest, default: own },
      ]),
    ),
  };
}

const isOfFiles = (dataType: DataType): boolean => rowOf(partsOf(dataType).element).file !== null;

/** The values that a run of a link gets. Throws FindingsError for those that the link does not let be given. */
export function valuesOf(
  inputs: readonly WorkflowInput[],
  link: Allowing,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  refuseFindings(lookAtGiven(allowedInputs(inputs, link), given, false).findings);
  return { ...given, ...link.fixed };
}

/** Refuses a link that names inputs which are not there, or with which no run could begin. Throws FindingsError. */
export function requireUsable(inputs: readonly WorkflowInput[], link: Allowing): void {
  const allowed = new Set(allowedInputs(inputs, link).map(({ name }) => name));
  const known = new Set(inputs.map(({ name }) => name));
  const unknown = (link.inputs ?? []).filter((name) => !known.has(name));
  refuseFindings([
    ...unknown.map((name) => ({
      code: 'RUN_INPUT_UNKNOWN' as const,
      path: 'inputs',
      message: `The workflow has no input "${name}". Give some of: ${[...known].join(', ') || 'none, it has no inputs'}.`,
    })),
    ...(link.inputs ?? [])
      .filter((name) => Object.hasOwn(link.fixed, name))
      .map((name) => ({
        code: 'RUN_INPUT_INVALID' as const,
        path: `fixed.${name}`,
        message: `The input "${name}" cannot both have a fixed value and be given. Choose one.`,
      })),
    ...lookAtGiven(inputs, link.fixed, false).findings.map((finding) => ({
      ...finding,
      path: finding.path.replace(/^inputs\./, 'fixed.'),
    })),
    ...inputs
      .filter(({ name, fallback }) => fallback === undefined && !allowed.has(name) && !Object.hasOwn(link.fixed, name))
      .map(({ name }) => ({
        code: 'RUN_INPUT_MISSING' as const,
        path: `fixed.${name}`,
        message: `The input "${name}" has no value of its own. Let it be given, or fix a value.`,
      })),
  ]);
}
