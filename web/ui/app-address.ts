/** The path that the page says it lives under, without a slash at its end; empty at the root of its name. */
export function basePathOf(baseUri: string): string {
  return new URL('.', baseUri).pathname.replace(/\/+$/, '');
}

/** Where the web app lives. The server writes it into the page as `<base>`. */
export const basePath = typeof document === 'undefined' ? '' : basePathOf(document.baseURI);

const files = '/api/assets';
let filesAt = files;

/** Files are read and uploaded below another path, as `/api/shared/TOKEN/files`, until what this returns is called. */
export function readFilesAt(path: string): () => void {
  filesAt = path;
  return () => {
    filesAt = files;
  };
}

/** The address of something of this server, as `/api/runs`, where the app lives; other addresses stay as they are. */
export function addressOf(path: string, base: string = basePath): string {
  if (!path.startsWith('/') || path.startsWith('//')) return path;
  return base + (path.startsWith(files) ? filesAt + path.slice(files.length) : path);
}

/** The page of an address of this app, without what the app lives under. */
export function pageOf(pathname: string, base: string = basePath): string {
  if (base === '' || (pathname !== base && !pathname.startsWith(`${base}/`))) return pathname;
  return pathname.slice(base.length) || '/';
}
