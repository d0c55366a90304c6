import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive that may lie. */
interface Crafted {
  readonly name: string;
  readonly content: Buffer;
  /** Bytes that it says it has. */
  readonly told?: number;
  readonly checksum?: number;
  readonly flags?: number;
}

/** A zip archive by hand, deflated, that may lie. */
export function craftZip(entries: readonly Crafted[]): Buffer<ArrayBuffer> {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content, told = content.length, checksum = crc32(content), flags = 0 } of entries) {
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    for (const [at, value] of [
      [0, 20],
      [2, flags],
      [4, 8],
    ] as const)
      fields.writeUInt16LE(value, at);
    for (const [at, value] of [
      [10, checksum],
      [14, packed.length],
      [18, told],
    ] as const)
      fields.writeUInt32LE(value, at);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), fields, rest, Buffer.from(name));
    bodies.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.from(Buffer.concat([...bodies, listed, end]));
}
