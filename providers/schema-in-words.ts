import type { JsonRules } from '../core/interface/json-rules.ts';

/** What stands behind a prompt where a server takes no schema: models keep to it well, and what they write is checked. */
export function schemaInWords(schema: JsonRules): string {
  return `Answer with JSON alone, without any other words, that fits this JSON schema:\n${JSON.stringify(schema)}`;
}
