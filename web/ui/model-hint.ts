import type { ModelProviderInfo } from '../../core/api/llm.ts';

type Model = ModelProviderInfo['models'][number];

const inputWords = { image: 'images', audio: 'audio', video: 'video', pdf: 'PDFs' } as const;

/** What is known of a model, in a line: its price, and what it cannot take. */
export function hintOfModel({ price, lacks = [] }: Pick<Model, 'price' | 'lacks'>): string {
  const cannot = lacks.length === 0 ? '' : ` · cannot take ${lacks.map((input) => inputWords[input]).join(', ')}`;
  return `${price === undefined ? 'Price unknown' : priceInWords(price)}${cannot}`;
}

function priceInWords({ input, output, second, image }: NonNullable<Model['price']>): string {
  const parts = [
    ...(image === undefined ? [] : [`${dollars(image)} per image`]),
    ...(second === undefined ? [] : [`${dollars(second)} per second`]),
  ];
  if (parts.length > 0) return parts.join(', ');
  return input === 0 && output === 0 ? 'No charge' : `${dollars(input)} in, ${dollars(output)} out per million tokens`;
}

/** Two decimals, and as many more as a small price has. */
function dollars(usd: number): string {
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;
}
