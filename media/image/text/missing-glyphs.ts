import { TerminalError } from '../../../core/errors/app-error.ts';
import { coverageOf, fontFilesIn } from './font-coverage.ts';
import { fontOf, systemFontFolders, type Face } from './fonts.ts';

/** Without a picture of their own: spaces, marks of direction, joiners and choosers of forms. */
const invisible = /[\p{Cc}\p{Cf}\p{Z}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/u;

/** So many are named. */
const shown = 8;

type Coverage = (codePoint: number) => boolean;
const known = new Map<string, Coverage>();
let systemFonts: readonly Coverage[] | undefined;

function coverage(file: string): Coverage {
  const found = known.get(file) ?? coverageOf(file);
  known.set(file, found);
  return found;
}

/** Throws NODE_DATA_INVALID where a text has characters that no font of this machine can draw. */
export function refuseMissingGlyphs(text: string, face: Face): void {
  const own = coverage(fontOf(face).file);
  // The regular sans has the most; Pango takes it where the chosen one has no glyph.
  const rest = coverage(fontOf({ family: 'sans', isBold: false, isItalic: false }).file);
  const missing = [...new Set(text)].filter((character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return !invisible.test(character) && !own(codePoint) && !rest(codePoint);
  });
  if (missing.length === 0) return;
  systemFonts ??= fontFilesIn(systemFontFolders).map(coverageOf);
  const drawn = systemFonts;
  const lost = missing.filter((character) => !drawn.some((has) => has(character.codePointAt(0) ?? 0)));
  if (lost.length === 0) return;
  const more = lost.length > shown ? ` and ${lost.length - shown} more` : '';
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `No font of this machine has ${lost.slice(0, shown).join(' ')}${more}. Ask the operator to install one (Debian: fonts-noto-cjk, fonts-noto-core), or leave these characters out.`,
    { details: { field: 'text', characters: lost.slice(0, shown) } },
  );
}
