import type { Cue } from '../../core/node-type/cues.ts';

/** How burnt-in lines look; lengths are shares of the height of the video. */
export interface CueStyle {
  /** As libass knows it. */
  readonly font: string;
  readonly isBold: boolean;
  readonly size: number;
  /** `#rrggbb` or `#rrggbbaa`, as are the others. */
  readonly color: string;
  /** Of the font size. */
  readonly outline: number;
  readonly outlineColor: string;
  /** A box behind the lines, in place of the outline. */
  readonly hasBox: boolean;
  readonly boxColor: string;
  readonly place: 'top' | 'middle' | 'bottom';
  /** Between the lines and the edge. */
  readonly margin: number;
}

const tag = /<(\/?)([ibu])>/gi;
/** Other tags, such as <font>, <c.loud> and times, say how something is drawn; what they enclose is said. */
const otherTags = /<\/?(?![ibu]>)[a-z\d][^<>]{0,200}>/gi;

/** Cues as SRT, for a track of text. */
export function cuesAsSrt(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ from, to, text }, index) =>
        `${index + 1}\n${clock(from, ',')} --> ${clock(to, ',')}\n${text.replaceAll(otherTags, '')}\n`,
    )
    .join('\n');
}

/**
 * Cues as a script of Advanced SubStation Alpha for a picture of that size, whose lengths are pixels then. What people
 * wrote is text: no braces and backslashes of it are commands.
 */
export function cuesAsAss(
  cues: readonly Cue[],
  style: CueStyle,
  { width, height }: { width: number; height: number },
): string {
  const size = style.size * height;
  const margin = Math.round(style.margin * height);
  const look = [
    'Default',
    style.font,
    size.toFixed(2),
    color(style.color),
    color(style.color),
    color(style.hasBox ? style.boxColor : style.outlineColor),
    '&HFF000000',
    style.isBold ? -1 : 0,
    ...[0, 0, 0, 100, 100, 0, 0],
    // An opaque box is as much larger than the text as the outline is thick.
    style.hasBox ? 3 : 1,
    (style.hasBox ? size * 0.25 : size * style.outline).toFixed(2),
    0,
    { bottom: 2, middle: 5, top: 8 }[style.place],
    ...[margin, margin, margin, 1],
  ];
  return [
    '[Script Info]',
    'ScriptType: v4.00+',
    `PlayResX: ${width}`,
    `PlayResY: ${height}`,
    'WrapStyle: 0',
    'ScaledBorderAndShadow: yes',
    'YCbCr Matrix: None',
    '',
    '[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding',
    `Style: ${look.join(',')}`,
    '',
    '[Events]',
    'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text',
    ...cues.map(
      ({ from, to, text }) => `Dialogue: 0,${shortClock(from)},${shortClock(to)},Default,,0,0,0,,${assText(text)}`,
    ),
    '',
  ].join('\n');
}

function assText(text: string): string {
  return (
    text
      .replaceAll(otherTags, '')
      // A joiner that is not seen keeps a backslash from being a command, and a brace has a sign of its own.
      .replaceAll('\\', '\\\u2060')
      .replaceAll('{', '\\{')
      .replaceAll('}', '\\}')
      .replaceAll(tag, (_whole, end: string, name: string) => `{\\${name.toLowerCase()}${end === '' ? 1 : 0}}`)
      // Libass takes any of these for the end of a line, and what follows for a line of the script.
      .replaceAll(/\r\n?|[\n\v\f\u0085\u2028\u2029]/g, '\\N')
      .replaceAll('\0', '')
  );
}

/** `&HAABBGGRR`, where 0 is opaque. */
function color(value: string): string {
  const part = (at: number) => value.slice(at, at + 2).toUpperCase();
  const alpha = value.length > 7 ? 255 - Number.parseInt(part(7), 16) : 0;
  return `&H${alpha.toString(16).toUpperCase().padStart(2, '0')}${part(5)}${part(3)}${part(1)}`;
}

function clock(seconds: number, point: string): string {
  const ms = Math.max(0, Math.round(seconds * 1_000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}${point}${String(ms % 1_000).padStart(3, '0')}`;
}

/** Hundredths of a second, hours of one digit or more. */
function shortClock(seconds: number): string {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(hundredths / 360_000)}:${two((hundredths / 6_000) % 60)}:${two((hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}
