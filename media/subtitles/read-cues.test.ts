import { describe, expect, test } from '@jest/globals';
import { readCues } from './read-cues.ts';
import { cuesAsSrt } from './write-cues.ts';

const plain = `1
00:00:01,000 --> 00:00:02,500
Hello

2
00:01:00,250 --> 00:01:02,000
Two
lines
`;
const read = [
  { from: 1, to: 2.5, text: 'Hello' },
  { from: 60.25, to: 62, text: 'Two\nlines' },
];

test.each<[string, string]>([
  ['as it should be', plain],
  ['with a byte order mark and ends of lines of Windows', `\uFEFF${plain.replaceAll('\n', '\r\n')}`],
  ['with points for commas', plain.replaceAll(/(\d),(\d)/g, '$1.$2')],
  ['without numbers', plain.replaceAll(/^\d+\n/gm, '')],
  ['without empty lines between', plain.replaceAll('\n\n', '\n')],
  ['with empty lines everywhere', plain.replaceAll('\n', '\n\n')],
  [
    'as WebVTT with settings, notes and styles',
    `WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\n${plain.replaceAll(/(-->.*)/g, '$1 align:start position:0%').replaceAll(/(\d),(\d)/g, '$1.$2')}\nNOTE nobody says this\n`,
  ],
  [
    'as WebVTT with names and short times',
    'WEBVTT\n\nfirst\n00:01.000 --> 00:02.500\nHello\n\nsecond\n01:00.250 --> 01:02.000\nTwo\nlines\n',
  ],
])('SRT is read %s', (_how, content) => {
  expect(readCues(content)).toEqual(read);
});

describe('what is said', () => {
  test('may be a number, or have an arrow', () => {
    const content = '1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\na --> b\n';
    expect(readCues(content).map(({ text }) => text)).toEqual(['42', 'a --> b']);
  });

  test('is left out where it is nothing, or shown for no time; all come in their order', () => {
    const content =
      '00:00:05,000 --> 00:00:06,000\nlate\n\n00:00:01,000 --> 00:00:02,000\n\n00:00:02,000 --> 00:00:02,000\nno time\n\n00:00:03,000 --> 00:00:04,000\nearly\n';
    expect(readCues(content).map(({ text }) => text)).toEqual(['early', 'late']);
  });

  test('comes back as it was written', () => {
    expect(readCues(cuesAsSrt(read))).toEqual(read);
    expect(readCues('100:00:01,5 --> 100:00:02,05\nlong\n')).toEqual([
      { from: 360_001.5, to: 360_002.05, text: 'long' },
    ]);
  });
});

test.each([
  ['nothing', '', 'they have no times'],
  ['another text', 'Dear all,\n\nhello.', 'they have no times'],
  ['a broken time', '1\n00:00:01,000 --> 00:0x:02,000\nHi\n', 'line 2 is not a time: “00:00:01,000 --> 00:0x:02,000”'],
  ['an end before its beginning', '00:00:03,000 --> 00:00:02,000\nHi\n', 'line 1 ends before it begins'],
])('%s is refused with its place', (_what, content, reason) => {
  expect(() => readCues(content)).toThrow(
    expect.objectContaining({ code: 'NODE_DATA_INVALID', message: expect.stringContaining(reason) }),
  );
});
