/**
 * The code that the system gave an error, such as `ENOENT`; an empty text where
 * there is none. Looks at the property alone: an error may come from another realm.
 */
export function systemCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
