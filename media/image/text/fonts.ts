import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FontFamily } from '../../../core/node-type/text-fields.ts';

/* The fonts that come with the program, so that a picture is the same on every machine: DejaVu, free to use and to embed. */

/** A font by its family, and how it is drawn. */
export interface Face {
  readonly family: FontFamily;
  readonly isBold: boolean;
  readonly isItalic: boolean;
}

/** What Pango is told, and the file that it takes the glyphs from. */
export interface Font {
  /** Without its size: `DejaVu Sans Bold`. */
  readonly name: string;
  readonly file: string;
}

const families: Readonly<
  Record<FontFamily, { readonly name: string; readonly file: string; readonly italic: string }>
> = {
  sans: { name: 'DejaVu Sans', file: 'DejaVuSans', italic: 'Oblique' },
  serif: { name: 'DejaVu Serif', file: 'DejaVuSerif', italic: 'Italic' },
  mono: { name: 'DejaVu Sans Mono', file: 'DejaVuSansMono', italic: 'Oblique' },
  condensed: { name: 'DejaVu Sans Condensed', file: 'DejaVuSansCondensed', italic: 'Oblique' },
};

/** The folder with all the fonts above. */
export function fontFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
}

/** The bundled font for a face, by the name that Pango knows it by. */
export function fontOf({ family, isBold, isItalic }: Face): Font {
  const { name, file, italic } = families[family];
  const style = [...(isBold ? ['Bold'] : []), ...(isItalic ? [italic] : [])];
  return {
    name: [name, ...style].join(' '),
    file: join(fontFolder(), `${file}${style.length === 0 ? '' : `-${style.join('')}`}.ttf`),
  };
}

/** Where systems keep theirs: they are asked for characters that the fonts above do not have. */
export const systemFontFolders: readonly string[] =
  process.platform === 'darwin'
    ? ['/System/Library/Fonts', '/Library/Fonts']
    : process.platform === 'win32'
      ? ['C:\\Windows\\Fonts']
      : ['/usr/share/fonts', '/usr/local/share/fonts'];

let isPrepared = false;

/**
 * Tells fontconfig of this process, before it is first used, where fonts are and nothing else: what a system says about
 * hinting and substitution would change the pixels. `draw` has to use it for the first time.
 */
export async function withOwnFontSettings<Result>(draw: () => Promise<Result>): Promise<Result> {
  if (isPrepared) return draw();
  const folder = mkdtempSync(join(tmpdir(), 'heddle-fonts-'));
  try {
    const file = join(folder, 'fonts.conf');
    writeFileSync(file, settings());
    // oxlint-disable-next-line node/no-process-env -- The only way to tell fontconfig; nothing reads it but that library.
    process.env['FONTCONFIG_FILE'] = file;
    const result = await draw();
    isPrepared = true;
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const settings = () =>
  [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...[fontFolder(), ...systemFontFolders].map((folder) => `<dir>${folder}</dir>`),
    // Written by the system's own programs; where there is none, folders are read.
    '<cachedir>/var/cache/fontconfig</cachedir>',
    '<match target="pattern"><edit name="hinting" mode="assign"><bool>false</bool></edit></match>',
    '<config><rescan><int>0</int></rescan></config>',
    '</fontconfig>',
  ].join('\n');
