/** What a key press says about itself. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> & {
  /** Browsers have it; absent means that no such key is held. */
  getModifierState?(name: string): boolean;
};

/** The key code of every key that an input method takes for itself. Safari sends it without `isComposing`. */
const keyCodeOfInputMethod = 229;

/** Whether an input method takes this key, as the Enter that accepts a word: it is no key of the page then. */
export function isOfInputMethod(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === keyCodeOfInputMethod;
}

/**
 * Keeps keys of an input method from everything on the page, the libraries
 * included. Called before anything else listens; returns what ends it.
 */
export function keepKeysOfInputMethod(page: EventTarget): () => void {
  const keep = (event: Event) => {
    if (isOfInputMethod(event as KeyboardEvent)) event.stopImmediatePropagation();
  };
  const types = ['keydown', 'keyup'];
  for (const type of types) page.addEventListener(type, keep, { capture: true });
  return () => {
    for (const type of types) page.removeEventListener(type, keep, { capture: true });
  };
}

/** Signs by place, alone and with Shift: where they are on the keyboards that letters without Latin ones are added to. */
const signsByPlace: Readonly<Record<string, readonly [string, string]>> = {
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  Comma: [',', '<'],
  Period: ['.', '>'],
  Slash: ['/', '?'],
  Semicolon: [';', ':'],
  Quote: ["'", '"'],
  Backquote: ['`', '~'],
};

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * `Mod+Shift+Z` of a key press; Mod is Ctrl, on a Mac also Cmd. A key counts by
 * the letter or sign on it. Where that is a letter that no shortcut has (я, ז,
 * ζ), it counts by its place.
 */
export function keysOf(event: KeyPress, onMac: boolean = isMac): string {
  const isAltGraph = event.getModifierState?.('AltGraph') === true;
  const name = nameOf(event, isAltGraph);
  // On many layouts ? and [ need Shift, AltGr or Option: the sign itself is the key then.
  const isSign = /^[!-/:-@[-`{-~]$/.test(name);
  const makesSign = isSign && (isAltGraph || (onMac && !event.ctrlKey && !event.metaKey));
  return [
    !(makesSign && isAltGraph) && (event.ctrlKey || event.metaKey) && 'Mod',
    event.shiftKey && !isSign && 'Shift',
    event.altKey && !makesSign && 'Alt',
    isAltGraph && !isSign && 'AltGraph',
    name === 'Delete' ? 'Del' : name,
  ]
    .filter(Boolean)
    .join('+');
}

function nameOf({ key, code, shiftKey }: KeyPress, isAltGraph: boolean): string {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  // Digits, signs, and keys with a name, such as Enter.
  if (/^[ -~]+$/.test(key) && key !== 'Unidentified') return key;
  // A letter behind AltGr (ń) was meant as that letter.
  if (isAltGraph) return key;
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  if (place !== undefined) return place;
  // ü stands where [ is elsewhere, on a layout that has [, too.
  const sign = /\p{Script=Latin}/u.test(key) || key === 'Unidentified' ? undefined : signsByPlace[code];
  return sign?.[shiftKey ? 1 : 0] ?? key;
}

/** What is typed into. */
const typed = 'textarea, [contenteditable]:not([contenteditable="false"]), [role="textbox"], [role="searchbox"]';
const untypedInputs: ReadonlySet<string> = new Set([
  'checkbox',
  'radio',
  'button',
  'range',
  'color',
  'file',
  'image',
  'submit',
  'reset',
]);

/** Whether typing goes into a field, so that no letter and no Enter is a command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLElement && target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !untypedInputs.has(target.type);
  return target.closest(typed) !== null;
}

/** Controls that letters, arrows and Backspace mean something to. The canvas itself is an `application`, and none of them. */
const eager = [
  'input',
  'select',
  'video',
  'audio',
  'iframe',
  'summary',
  ...[
    'combobox',
    'listbox',
    'option',
    'slider',
    'spinbutton',
    'scrollbar',
    'menu',
    'menubar',
    'menuitem',
    'tab',
    'tree',
    'treeitem',
    'grid',
    'gridcell',
    'radio',
    'radiogroup',
    'checkbox',
    'switch',
  ].map((role) => `[role="${role}"]`),
].join(', ');
/** Controls that are pressed. */
const pressed = 'button, a[href], [role="button"], [role="link"]';
/** What a control inside of it must not be taken along with: a node with its form, and the panels around the canvas. */
const forms = '.node-body, #inspector, #results';

/**
 * Whether a key belongs to the control that has the focus. Keys with Ctrl or
 * Cmd stay with the page, unless something is typed into the control.
 */
export function belongsToControl(target: EventTarget | null, keys: string): boolean {
  if (isTyping(target)) return true;
  if (!(target instanceof Element) || keys.startsWith('Mod+') || keys === 'Escape') return false;
  if (target.closest(eager) !== null) return true;
  const control = target.closest(`${pressed}, [tabindex]`);
  if (control === null) return false;
  const isInForm = control.parentElement?.closest(forms) != null;
  if (control.matches(pressed)) return isInForm || /^(?:Shift\+)?(?:Enter| )$/.test(keys);
  return isInForm;
}

/** The part with fields that the focus is in, to be left with Escape; null elsewhere. */
export function formAround(target: EventTarget | null): Element | null {
  return target instanceof Element ? (target.parentElement?.closest(forms) ?? null) : null;
}
