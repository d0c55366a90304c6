const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys of a shortcut as this machine calls them; written `Mod+Shift+Z`. */
export function keyNames(keys: string): string[] {
  return keys.split(/(?<=.)\+/).map((key) => {
    if (key === 'Mod') return isMac ? '⌘' : 'Ctrl';
    if (key === 'Shift') return isMac ? '⇧' : 'Shift';
    if (key === 'Alt') return isMac ? '⌥' : 'Alt';
    return key;
  });
}

/** A keyboard shortcut, key by key. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-0.5">
      {keyNames(keys).map((name) => (
        <kbd
          key={name}
          className="min-w-5 rounded border border-line bg-field px-1 text-center font-sans text-2xs leading-4 text-muted"
        >
          {name}
        </kbd>
      ))}
    </span>
  );
}
