/** Something a user can do by key, by menu or through the command palette. */
export interface Command {
  readonly title: string;
  readonly group: CommandGroup;
  /** `Mod+Shift+Z` in the way of ui/keys.ts; the first one is what menus show. */
  readonly keys?: readonly [string, ...string[]];
  /** Default true. */
  readonly isEnabled?: boolean;
  /** Whether what it switches is on; left out where it switches nothing. */
  readonly isOn?: boolean;
  /** Shown among the shortcuts, but handled by the browser (copy, paste). */
  readonly isNative?: boolean;
  /** Works while a text field has the focus too. */
  readonly worksInFields?: boolean;
  run(): void;
}

/** The headings of the shortcuts and of the command palette, in their order. */
export type CommandGroup = 'Run' | 'Edit' | 'Arrange' | 'View' | 'Workflow';

/** Puts commands under one heading; their ids stay known to the compiler. */
export function inGroup<Id extends string>(
  group: CommandGroup,
  commands: Readonly<Record<Id, Omit<Command, 'group'>>>,
): Record<Id, Command> {
  const entries = Object.entries<Omit<Command, 'group'>>(commands);
  return Object.fromEntries(entries.map(([id, command]) => [id, { ...command, group }])) as Record<Id, Command>;
}
