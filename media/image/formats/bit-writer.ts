/** Bits in the order of WebP: the lowest bit of a byte comes first. */
export interface BitWriter {
  /** The lowest `count` bits of a value that has no others; at most 24. */
  put(value: number, count: number): void;
  /** What was put and not handed on yet: whole bytes, and the bits behind them. */
  kept(): KeptBits;
  /** Fills the last byte with zeros and hands all of it on. */
  end(): void;
}

interface KeptBits {
  readonly pieces: readonly Uint8Array[];
  readonly rest: number;
  readonly restBits: number;
}

const pieceBytes = 262_144;

/** Without `onPiece` all that is written is kept, in pieces, so that nothing is copied to grow. */
export function createBitWriter(onPiece?: (piece: Uint8Array) => void): BitWriter {
  const kept: Uint8Array[] = [];
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  let held = 0;
  let heldBits = 0;

  function handOn(): void {
    if (onPiece === undefined) {
      kept.push(piece);
      piece = new Uint8Array(pieceBytes);
    } else onPiece(piece.subarray(0, filled));
    filled = 0;
  }

  return {
    put(value, count) {
      held |= value << heldBits;
      for (heldBits += count; heldBits >= 8; heldBits -= 8) {
        piece[filled] = held;
        filled += 1;
        held >>>= 8;
        if (filled === pieceBytes) handOn();
      }
    },
    kept: () => ({ pieces: [...kept, piece.subarray(0, filled)], rest: held, restBits: heldBits }),
    end() {
      if (heldBits > 0) {
        piece[filled] = held;
        filled += 1;
      }
      handOn();
    },
  };
}

/** How many bits are kept. */
export function lengthInBits({ pieces, restBits }: KeptBits): number {
  return pieces.reduce((sum, piece) => sum + piece.length * 8, restBits);
}

/** Puts what another writer has kept. */
export function putKept(out: BitWriter, { pieces, rest, restBits }: KeptBits): void {
  for (const piece of pieces) for (const byte of piece) out.put(byte, 8);
  out.put(rest, restBits);
}
