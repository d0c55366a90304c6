import { expect, test } from '@jest/globals';
import { cuesAsAss } from './write-cues.ts';

const style = {
  ...({
    font: 'DejaVu Sans',
    isBold: false,
    size: 0.1,
    color: '#ffffff',
    outline: 0,
    outlineColor: '#000000',
  } as const),
  ...({ hasBox: false, boxColor: '#000000', place: 'bottom', margin: 0 } as const),
};

test.each(['\n', '\r', '\r\n', '\f', '\v', '\u0085', '\u2028'])(
  'what stands after %j is said, and no line of the script',
  (end) => {
    const script = cuesAsAss([{ from: 0, to: 1, text: `One${end}[Fonts]${end}fontname: two.ttf` }], style, {
      width: 160,
      height: 90,
    });
    const said = script
      .split(/[\r\n\f\v\u0085\u2028]/)
      .filter((line) => line.includes('One') || line.includes('Fonts]'));
    expect(said).toEqual(['Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,One\\N[Fonts]\\Nfontname: two.ttf']);
  },
);
