/** The token of a one-time link: behind the "#", where no server sees it, or in the query. */
export function linkToken(location: Pick<Location, 'hash' | 'search'>): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('token') ?? new URLSearchParams(location.search).get('token');
}
