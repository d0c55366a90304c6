/** Items that wait for a batch, taken in turns of their owners. */
export interface WaitingLine<Item> {
  /** Items in line. */
  readonly length: number;
  add(item: Item): void;
  /**
   * Takes the next batch: one item of each owner after the other, in the order in which each owner's came, until
   * `maxItems` are taken or the next one would make it larger than `maxSize`. The first fits whatever its size.
   */
  take(maxItems: number, maxSize: number): Item[];
}

/** How a line tells whose an item is and how large. */
export interface WaitingLineOptions<Item> {
  readonly ownerOf: (item: Item) => string;
  readonly sizeOf: (item: Item) => number;
}

/** An empty line. */
export function createWaitingLine<Item>({ ownerOf, sizeOf }: WaitingLineOptions<Item>): WaitingLine<Item> {
  /** Whoever is next comes first; who was served goes to the end. */
  const owners = new Map<string, Item[]>();
  let length = 0;

  return {
    get length() {
      return length;
    },
    add: (item) => {
      const owner = ownerOf(item);
      const items = owners.get(owner);
      if (items === undefined) owners.set(owner, [item]);
      else items.push(item);
      length += 1;
    },
    take: (maxItems, maxSize) => {
      const taken: Item[] = [];
      /** Of owners with items left, how many were served: these go on where they were. */
      const served = new Map<string, number>();
      let size = 0;
      // A map goes through what is added at its end as well, so owners come again until nothing more fits.
      for (const [owner, items] of owners) {
        const at = served.get(owner) ?? 0;
        const item = items[at]!;
        if (taken.length >= maxItems || (taken.length > 0 && size + sizeOf(item) > maxSize)) break;
        taken.push(item);
        size += sizeOf(item);
        owners.delete(owner);
        served.set(owner, at + 1);
        if (at + 1 < items.length) owners.set(owner, items);
      }
      for (const [owner, count] of served) owners.get(owner)?.splice(0, count);
      length -= taken.length;
      return taken;
    },
  };
}
