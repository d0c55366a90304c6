import { interfaceNameSchema } from '../../core/interface/settings.ts';

/** What is wrong with the name of an input among those of the others, in words; undefined where nothing is. */
export function wrongName(name: unknown, others: readonly string[]): string | undefined {
  const read = interfaceNameSchema.safeParse(name);
  if (!read.success) return read.error.issues[0]?.message;
  const other = others.find((known) => known.toLowerCase() === read.data.toLowerCase());
  return other === undefined ? undefined : `Another input is called "${other}". Choose another name.`;
}

/** A name for an input after what its node is called, free among the others: "Product photo" becomes `product_photo`. */
export function nameAfter(title: string, others: readonly string[]): string {
  const words = title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 60)
    .replace(/_+$/, '');
  const first = words === '' ? 'input' : words;
  let name = first;
  for (let count = 2; wrongName(name, others) !== undefined; count += 1) name = `${first}_${count}`;
  return name;
}
