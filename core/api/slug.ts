import { maxSlugLength } from './versions.ts';

/** Room for a suffix that tells two of the same name apart. */
const maxNameLength = maxSlugLength - 16;

/** A slug made of a workflow's name, without accents and other signs; `workflow` where nothing is left of it. */
export function slugOfName(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxNameLength)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'workflow' : slug;
}
