import { describe, expect, test } from '@jest/globals';
import { isOfInputMethod, keepKeysOfInputMethod, keysOf, type KeyPress } from './keys.ts';

const press = (key: string, code: string, held: Partial<KeyPress> & { altGraph?: boolean } = {}): KeyPress => {
  const { altGraph = false, ...keys } = held;
  return {
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    getModifierState: (name) => altGraph && name === 'AltGraph',
    ...keys,
  };
};
const ctrl = { ctrlKey: true };
const shift = { shiftKey: true };

describe('C10: a shortcut', () => {
  test.each([
    ['Cyrillic', press('я', 'KeyZ', ctrl), 'Mod+Z'],
    ['Cyrillic, with Shift', press('Я', 'KeyZ', { ...ctrl, ...shift }), 'Mod+Shift+Z'],
    ['Cyrillic', press('т', 'KeyN'), 'N'],
    ['Cyrillic', press('л', 'KeyK', ctrl), 'Mod+K'],
    ['Cyrillic, a letter where a sign is elsewhere', press('х', 'BracketLeft'), '['],
    ['Cyrillic, with Ctrl', press('ю', 'Period', ctrl), 'Mod+.'],
    ['Greek', press('ζ', 'KeyZ', ctrl), 'Mod+Z'],
    ['Hebrew', press('ז', 'KeyZ', ctrl), 'Mod+Z'],
    ['Arabic, a key with two characters', press('لا', 'KeyB'), 'B'],
    ['Korean', press('ㅜ', 'KeyN'), 'N'],
    ['full-width letters', press('ｎ', 'KeyN'), 'N'],
    ['Turkish, an i without a dot', press('ı', 'KeyI'), 'I'],
  ])('counts by its place where the layout has another script: %s', (_, given, keys) => {
    expect(keysOf(given)).toBe(keys);
  });

  test.each([
    ['AZERTY', press('z', 'KeyW', ctrl), 'Mod+Z'],
    ['Dvorak', press('n', 'KeyL'), 'N'],
    ['QWERTZ', press('z', 'KeyY', ctrl), 'Mod+Z'],
    ['Caps Lock', press('Z', 'KeyZ', ctrl), 'Mod+Z'],
    ['Caps Lock with Shift', press('z', 'KeyZ', { ...ctrl, ...shift }), 'Mod+Shift+Z'],
    ['Cmd', press('k', 'KeyK', { metaKey: true }), 'Mod+K'],
    ['a sign behind Shift', press('.', 'Comma', { ...ctrl, ...shift }), 'Mod+.'],
    ['the question mark of AZERTY', press('?', 'KeyM', shift), '?'],
    ['the keypad', press('+', 'NumpadAdd'), '+'],
    ['the keypad without digits', press('Delete', 'NumpadDecimal'), 'Del'],
    ['Enter of the keypad', press('Enter', 'NumpadEnter', ctrl), 'Mod+Enter'],
    ['a sign behind AltGr, as Windows tells it', press('[', 'Digit8', { ...ctrl, altKey: true, altGraph: true }), '['],
    ['a sign behind AltGr, as Linux tells it', press('[', 'Digit8', { altGraph: true }), '['],
  ])('counts by what is on the key where the layout has it: %s', (_, given, keys) => {
    expect(keysOf(given, false)).toBe(keys);
  });

  test('is not what a letter of the layout itself makes', () => {
    // ü stands beside P, where [ is on a US keyboard; ß where - is.
    expect(keysOf(press('ü', 'BracketLeft'))).toBe('ü');
    expect(keysOf(press('ß', 'Minus'))).toBe('ß');
    expect(keysOf(press('ń', 'KeyN', { altGraph: true }))).not.toBe('N');
    expect(keysOf(press('ś', 'KeyS', { ...ctrl, altKey: true, altGraph: true }))).not.toBe('Mod+S');
    expect(keysOf(press('n', 'KeyN', { altGraph: true }))).not.toBe('N');
    expect(keysOf(press('Dead', 'BracketLeft'))).toBe('Dead');
  });

  test('takes a sign behind Option for that sign, on a Mac only', () => {
    expect(keysOf(press('[', 'Digit5', { altKey: true }), true)).toBe('[');
    expect(keysOf(press('[', 'BracketLeft', { altKey: true }), false)).toBe('Alt+[');
  });
});

describe('C9: a key of an input method', () => {
  test('is told by its flag, or by its code alone', () => {
    expect(isOfInputMethod({ isComposing: true, keyCode: 13 })).toBe(true);
    expect(isOfInputMethod({ isComposing: false, keyCode: 229 })).toBe(true);
    expect(isOfInputMethod({ isComposing: false, keyCode: 13 })).toBe(false);
  });

  test('reaches nobody who listens later; every other key does', () => {
    const page = new EventTarget();
    const end = keepKeysOfInputMethod(page);
    const heard: string[] = [];
    page.addEventListener('keydown', (event) => heard.push((event as Event & { name: string }).name), true);
    const send = (name: string, isComposing: boolean, keyCode: number) =>
      page.dispatchEvent(Object.assign(new Event('keydown'), { name, isComposing, keyCode }));
    send('accepts a word', true, 13);
    send('accepts a word, in Safari', false, 229);
    send('Enter', false, 13);
    end();
    send('after the end', true, 13);
    expect(heard).toEqual(['Enter', 'after the end']);
  });
});
