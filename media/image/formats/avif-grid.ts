import { associations, boxesIn, childOf, extentsOf, primaryItem, textItems, type Box } from './avif.ts';

/*
 * An AVIF whose image is a grid of others (ISO/IEC 23008-12, 6.6.2.3): each cell is an image of its own, and a player lays
 * them side by side. Color marks, depth and metadata are those of the first cell.
 */

/** How cells lie, and how large the whole is, in pixels. */
export interface GridShape {
  readonly columns: number;
  readonly rows: number;
  /** Of the whole; the last cells may reach beyond it. At most 65,535 each. */
  readonly width: number;
  readonly height: number;
}

interface Item {
  readonly id: number;
  /** What the item is, as its entry in the list of items says it, but for its number. */
  readonly entry: Buffer;
  readonly data: Buffer;
  /** Whole boxes. */
  readonly properties: readonly Buffer[];
}

interface Cell {
  readonly color: Item;
  readonly alpha: Item | null;
  /** EXIF and XMP. */
  readonly texts: readonly Item[];
}

/** Joins AVIF files of one size and kind, row by row, into one. */
export function joinAsGrid(files: readonly Buffer[], shape: GridShape): Buffer {
  const cells = files.map(readCell);
  const [first] = cells;
  if (first === undefined || cells.length !== shape.columns * shape.rows) {
    throw new Error(`A grid of ${shape.columns} × ${shape.rows} cannot be made of ${cells.length} cells.`);
  }
  const items: Item[] = [];
  const references: Buffer[] = [];
  const add = (item: Omit<Item, 'id'>): number => {
    items.push({ ...item, id: items.length + 1 });
    return items.length;
  };
  const addGrid = (parts: readonly Item[]): number => {
    const grid = add({ entry: entryOf('grid', false), data: gridOf(shape), properties: ofWhole(parts[0]!, shape) });
    const ids = parts.map((part) => add({ ...part, entry: entryOf('av01', true) }));
    references.push(reference('dimg', grid, ids));
    return grid;
  };
  const whole = addGrid(cells.map(({ color }) => color));
  if (first.alpha !== null) {
    references.push(reference('auxl', addGrid(cells.map(({ alpha }) => alpha!)), [whole]));
  }
  for (const text of first.texts) references.push(reference('cdsc', add(text), [whole]));
  return fileOf(files[0]!, items, Buffer.concat(references), whole);
}

/** What the encoder wrote of one image. */
function readCell(file: Buffer): Cell {
  const meta = boxesIn(file, 0, file.length).find(({ type }) => type === 'meta');
  const top = meta === undefined ? [] : boxesIn(file, meta.body + 4, meta.end);
  const find = (type: string) => top.find((box) => box.type === type);
  const [information, locations, uses] = [find('iinf'), find('iloc'), find('iprp')];
  const inside = uses === undefined ? [] : boxesIn(file, uses.body, uses.end);
  const assigned = inside.find(({ type }) => type === 'ipma');
  if (information === undefined || locations === undefined || assigned === undefined) throw unknownForm();
  const properties = childOf(file, inside, 'ipco');
  const propertiesOf = associations(file, assigned);
  const extents = extentsOf(file, locations);
  // A full box, then the number of entries in two bytes.
  const items = boxesIn(file, information.body + 6, information.end).map((entry): Item => {
    const id = file.readUInt16BE(entry.body + 4);
    const places = extents.filter(({ item }) => item === id);
    const indexes = propertiesOf.find(({ item }) => item === id)?.indexes ?? [];
    return {
      id,
      entry: Buffer.from(whole(file, entry)),
      data: Buffer.concat(places.map(({ from, to }) => file.subarray(from, to))),
      properties: indexes.flatMap((index) => {
        const box = properties[index - 1];
        return box === undefined ? [] : [whole(file, box)];
      }),
    };
  });
  const primary = primaryItem(file, top);
  const pictures = items.filter((item) => typeOf(item) === 'av01');
  const color = pictures.find(({ id }) => id === primary);
  if (color === undefined || pictures.length > 2) throw unknownForm();
  return {
    color,
    alpha: pictures.find((item) => item !== color) ?? null,
    texts: items.filter((item) => textItems.has(typeOf(item))),
  };
}

function unknownForm(): Error {
  return new Error('The encoder wrote an AVIF of another form.');
}

const whole = (file: Buffer, { start, end }: Box) => file.subarray(start, end);

/** Of an entry of version 2: after its head come version and flags, number and protection, then the type. */
const typeOf = ({ entry }: Item) => entry.toString('latin1', 16, 20);

function entryOf(type: 'grid' | 'av01', isHidden: boolean): Buffer {
  // Version 2, no number yet, not protected, and no name.
  return box('infe', Buffer.from([2, 0, 0, isHidden ? 1 : 0, 0, 0, 0, 0]), Buffer.from(`${type}\0`, 'latin1'));
}

/** What a cell says is true of the whole, but for its size and how it is decoded. */
function ofWhole({ properties }: Item, { width, height }: GridShape): Buffer[] {
  const kept = properties.filter((property) => !['ispe', 'av1C'].includes(property.toString('latin1', 4, 8)));
  return [box('ispe', uint32(0), uint32(width), uint32(height)), ...kept];
}

function gridOf({ columns, rows, width, height }: GridShape): Buffer {
  return Buffer.concat([Buffer.from([0, 0, rows - 1, columns - 1]), uint16(width), uint16(height)]);
}

function reference(type: string, from: number, to: readonly number[]): Buffer {
  return box(type, ...[from, to.length, ...to].map(uint16));
}

/** Without AV1's own settings nothing can be decoded. */
const essential = 0x8000;

function fileOf(model: Buffer, items: readonly Item[], references: Buffer, primary: number): Buffer {
  const properties = [
    ...new Set(items.flatMap((item) => item.properties.map((property) => property.toString('latin1')))),
  ];
  const uses = items
    .filter((item) => item.properties.length > 0)
    .map((item) =>
      Buffer.concat([
        uint16(item.id),
        Buffer.from([item.properties.length]),
        ...item.properties.map((property) => {
          const isNeeded = property.toString('latin1', 4, 8) === 'av1C';
          return uint16((properties.indexOf(property.toString('latin1')) + 1) | (isNeeded ? essential : 0));
        }),
      ]),
    );
  const top = boxesIn(model, 0, model.length);
  const brands = top.find(({ type }) => type === 'ftyp');
  const handler = handlerOf(model, top);
  if (brands === undefined || handler === null) throw unknownForm();
  const head = whole(model, brands);
  const metaAt = (from: number) =>
    box(
      'meta',
      uint32(0),
      handler,
      box('pitm', uint32(0), uint16(primary)),
      locationsOf(items, from),
      box('iinf', uint32(0), uint16(items.length), ...items.map(numbered)),
      box('iref', uint32(0), references),
      box(
        'iprp',
        box('ipco', ...properties.map((property) => Buffer.from(property, 'latin1'))),
        box('ipma', uint32(1), uint32(uses.length), ...uses),
      ),
    );
  // Its length does not depend on the places that it names.
  const data = head.length + metaAt(0).length + boxHead;
  return Buffer.concat([head, metaAt(data), box('mdat', ...items.map((item) => item.data))]);
}

function handlerOf(file: Buffer, top: readonly Box[]): Buffer | null {
  const meta = top.find(({ type }) => type === 'meta');
  const handler = meta && boxesIn(file, meta.body + 4, meta.end).find(({ type }) => type === 'hdlr');
  return handler === undefined ? null : whole(file, handler);
}

function numbered({ id, entry }: Item): Buffer {
  const made = Buffer.from(entry);
  made.writeUInt16BE(id, 12);
  return made;
}

/** One place for each item, one behind the other; offsets and lengths have four bytes. */
function locationsOf(items: readonly Item[], from: number): Buffer {
  let at = from;
  const places = items.map(({ id, data }) => {
    const place = Buffer.concat([uint16(id), uint16(0), uint16(1), uint32(at), uint32(data.length)]);
    at += data.length;
    return place;
  });
  return box('iloc', uint32(0), uint16(0x44_00), uint16(items.length), ...places);
}

const boxHead = 8;

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([uint32(boxHead + body.length), Buffer.from(type, 'latin1'), body]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
