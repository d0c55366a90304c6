import type { Wait } from '../../core/api/waits.ts';
import type { JsonValue } from '../../core/node-type/values.ts';
import { schemaOfInputs } from '../../core/interface/input-schema.ts';
import type { JsonRules } from '../../core/interface/json-rules.ts';
import { valueFieldName } from '../../core/waits/question.ts';
import { ApiError } from '../api/api-error.ts';
import { askedInputs, type AskedInput, type FormErrors } from '../canvas/running/input-form.ts';

/** The fields of a question as a form asks for them: each begins with its default, that of the value with what came in. */
export function askedFields({ fields, value }: Pick<Wait, 'fields' | 'value'>): readonly AskedInput[] {
  const schema = schemaOfInputs(
    fields.map((field) => {
      const carried = field.name === valueFieldName ? value : undefined;
      const start = field.default ?? carried ?? undefined;
      // What need not be given counts as there: the form asks for the others.
      const fallback = start ?? (field.required === true ? undefined : null);
      const settings = { ...field, schema: field.schema as JsonRules | undefined };
      return {
        name: field.name,
        dataType: field.type,
        settings,
        options: field.options ?? null,
        fallback: fallback as JsonValue | undefined,
      };
    }),
  );
  return askedInputs(schema);
}

/** What the server says of fields, by name; null where it says something else as well, or nothing of them. */
export function errorsOfFields(asked: readonly AskedInput[], error: unknown): FormErrors | null {
  const found = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  const names = new Map(asked.map(({ field: { name } }) => [`values.${name}`, name]));
  const told = found.flatMap(({ path, message }) => {
    const name = names.get(path ?? '');
    return name === undefined ? [] : [[name, message] as const];
  });
  return told.length === 0 || told.length < found.length ? null : Object.fromEntries(told);
}

/** The chosen places after one was pressed: taken out where it was chosen, else put at the end. */
export function toggled(chosen: readonly number[], index: number): readonly number[] {
  return chosen.includes(index) ? chosen.filter((one) => one !== index) : [...chosen, index];
}

/** Where an arrow key leads in a grid of so many columns; null: nowhere. */
export function stepInGrid(key: string, index: number, count: number, columns: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: index + 1,
    ArrowLeft: index - 1,
    ArrowDown: index + columns,
    ArrowUp: index - columns,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined || next < 0 || next >= count ? null : next;
}
