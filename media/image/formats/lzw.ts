/** A code has at most so many bits. */
const maxBits = 12;
const maxBlock = 255;

/** Compresses indexes of colors as GIF wants them. */
export interface LzwWriter {
  add(index: number): void;
  /** Writes what is left. */
  end(): void;
}

/** `bits` of an index, 2 to 8. `onBlocks` is given blocks as they stand in a file, each led by its length, and overwritten after it. */
export function createLzwWriter(bits: number, onBlocks: (blocks: Buffer) => void): LzwWriter {
  const clear = 2 ** bits;
  const end = clear + 1;
  /** By a code and the index behind it: the code of both, and in which generation of codes that was. */
  const known = new Int32Array(2 ** (maxBits + bits));
  let generation = 1;
  let next = clear + 2;
  let size = bits + 1;
  let prefix = -1;

  const blocks = Buffer.alloc(256 * (1 + maxBlock));
  /** Where the block begins that is being filled. */
  let start = 0;
  let filled = 0;
  let held = 0;
  let heldBits = 0;

  function endBlock(): void {
    blocks[start] = filled;
    start += 1 + filled;
    filled = 0;
  }

  function handOn(): void {
    onBlocks(blocks.subarray(0, start));
    start = 0;
  }

  function putByte(byte: number): void {
    filled += 1;
    blocks[start + filled] = byte;
    if (filled === maxBlock) endBlock();
    if (start === blocks.length) handOn();
  }

  function put(code: number): void {
    held |= code << heldBits;
    for (heldBits += size; heldBits >= 8; heldBits -= 8) {
      putByte(held & 255);
      held >>>= 8;
    }
    if (next === 2 ** size && size < maxBits) size += 1;
  }

  put(clear);
  return {
    add(index) {
      if (prefix < 0) {
        prefix = index;
        return;
      }
      const pair = (prefix << bits) | index;
      const entry = known[pair]!;
      if (entry >> maxBits === generation) {
        prefix = entry & (2 ** maxBits - 1);
        return;
      }
      put(prefix);
      if (next < 2 ** maxBits) {
        known[pair] = (generation << maxBits) | next;
        next += 1;
      } else {
        put(clear);
        generation += 1;
        next = clear + 2;
        size = bits + 1;
      }
      prefix = index;
    },
    end() {
      if (prefix >= 0) put(prefix);
      put(end);
      if (heldBits > 0) putByte(held & 255);
      if (filled > 0) endBlock();
      handOn();
    },
  };
}
