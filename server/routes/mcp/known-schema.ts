import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';

/**
 * A JSON schema as a tool declares it. Values pass as they are: the start of a run checks them, fills in what is left out
 * and says what is wrong in its own words, as for every other door.
 */
export function declared(schema: Readonly<Record<string, unknown>>): StandardSchemaWithJSON<Record<string, unknown>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'heddle',
      validate: (value) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: () => ({ ...schema }), output: () => ({ ...schema }) },
    },
  };
}
