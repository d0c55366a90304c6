interface EventChecksProps<Event extends string> {
  /** All that can be chosen, in their order. */
  readonly events: readonly Event[];
  readonly titles: Readonly<Record<Event, string>>;
  readonly chosen: readonly Event[];
  onChange(chosen: readonly Event[]): void;
}

/** A box for each event; what is checked comes last in the list of the chosen. */
export function EventChecks<Event extends string>({ events, titles, chosen, onChange }: EventChecksProps<Event>) {
  return events.map((event) => (
    <label key={event} className="flex h-8 items-center gap-2 text-xs">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={chosen.includes(event)}
        onChange={({ target }) =>
          onChange(target.checked ? [...chosen, event] : chosen.filter((other) => other !== event))
        }
      />
      {titles[event]}
    </label>
  ));
}
