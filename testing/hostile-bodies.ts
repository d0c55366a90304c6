import { gzipSync } from 'node:zlib';

/** A body that costs whoever reads it as much as the limits allow, or more. */
export interface HostileBody {
  readonly name: string;
  /** What the server answers. A body that is too large may also be cut off. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  make(): string | Uint8Array<ArrayBuffer>;
}

/** Sends it as a new workflow. */
export async function sendHostileBody(url: string, apiKey: string, body: HostileBody): Promise<number | 'cut'> {
  try {
    const answer = await fetch(`${url}/api/workflows`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...body.headers },
      body: body.make(),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // Refused before it was read to its end.
    return 'cut';
  }
}

const list = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(',');
const inNodes = (nodes: string) => `{"name":"w","data":{"nodes":[${nodes}],"edges":[]}}`;
const KiB = 1024;

export const hostileBodies: readonly HostileBody[] = [
  { name: 'of 50 MB', status: 413, make: () => '9'.repeat(50_000_000) },
  {
    name: 'that unpacks to 100 MB',
    status: 415,
    headers: { 'content-encoding': 'gzip' },
    make: () => new Uint8Array(gzipSync(Buffer.alloc(100_000_000, '['))),
  },
  { name: 'a million levels deep', status: 400, make: () => '['.repeat(1_000_000) },
  { name: 'a million objects deep', status: 400, make: () => '{"a":'.repeat(400_000) },
  { name: 'of 150,000 keys', status: 400, make: () => `{${list(150_000, (i) => `"k${i}":1`)}}` },
  { name: 'of a million numbers in place of nodes', status: 400, make: () => inNodes(list(1_000_000, () => '0')) },
  { name: 'of as many wrong nodes as there may be', status: 400, make: () => inNodes(list(24_000, () => '0')) },
  {
    name: 'of as many unknown fields as there may be',
    status: 400,
    make: () => `{${list(19_000, (i) => `"k${i}":1`)}}`,
  },
  {
    name: 'of as many nodes as there may be keys',
    status: 422,
    make: () => inNodes(list(4_500, (i) => `{"id":"n${i}","type":"text","data":{}}`)),
  },
  {
    name: 'of nodes with the same id',
    status: 422,
    make: () => inNodes(list(4_500, () => '{"id":"n","type":"text","data":{}}')),
  },
  { name: 'of escapes alone', status: 400, make: () => `[${list(7, () => `"${'\\u00e9'.repeat(43_000)}"`)}]` },
  { name: 'of one text', status: 400, make: () => `"${'x'.repeat(1_900 * KiB)}"` },
  {
    name: 'of long texts',
    status: 422,
    make: () => inNodes(list(7, (i) => `{"id":"n${i}","type":"text","data":{"text":"${'x'.repeat(255 * KiB)}"}}`)),
  },
  { name: 'of bytes that are no text', status: 400, make: () => new Uint8Array(1_900 * KiB).fill(0xff) },
];
