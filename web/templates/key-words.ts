import type { ModelProviderInfo } from '../../core/api/llm.ts';
import { isTurnedOff } from '../../core/graph/graph.ts';
import type { Template } from '../../core/templates/template.ts';

/** What these ask is a Gemini model by name: images, speech and hearing differ by provider. */
const geminiTypes = ['generateImage', 'speak', 'transcribe'];

/** Which key a template needs that is not there yet, in words; null where it can run. */
export function missingKey(template: Template, providers: readonly ModelProviderInfo[] | undefined): string | null {
  if (template.runsWithoutKey || providers === undefined) return null;
  const usable = providers.filter(({ configured, ownKey }) => configured || ownKey);
  const asked = template.graph.nodes.filter((node) => !isTurnedOff(node)).map(({ type }) => type);
  if (asked.some((type) => geminiTypes.includes(type))) {
    return usable.some(({ id }) => id === 'gemini') ? null : 'Needs a Gemini key';
  }
  return usable.length > 0 ? null : 'Needs a language model';
}
