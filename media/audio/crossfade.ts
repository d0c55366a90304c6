/** A sound that filters give out. */
export interface SoundPart {
  /** Of what comes out of the filters, without brackets: `sound0`. */
  readonly label: string;
  /** How long it is, at least `fade` for each end that overlaps. */
  readonly samples: number;
}

/**
 * Filters that put sounds of one format one after the other and give out `[output]`. Neighbors have `fade` samples in
 * common, in which one becomes quieter as evenly as the other becomes louder. Not by `acrossfade`: that of 2018 crashes on some
 * lengths.
 *
 * @example crossfadedSounds([{ label: 'a', samples: 48_000 }, { label: 'b', samples: 24_000 }], 4_800, 'joined')
 */
export function crossfadedSounds(parts: readonly SoundPart[], fade: number, output: string): string[] {
  const cut = parts.map((part, index) => cutPart(part, fade, index > 0, index < parts.length - 1));
  const joints = parts.slice(1).map(({ label }, index) => {
    const before = parts[index]!.label;
    // amix gives half of each.
    return `[${before}tail][${label}head]amix=inputs=2,volume=2[${label}joint]`;
  });
  const order = parts.map(({ label }, index) => (index > 0 ? `[${label}joint][${label}body]` : `[${label}body]`));
  return [...cut.flat(), ...joints, `${order.join('')}concat=n=${2 * parts.length - 1}:v=0:a=1[${output}]`];
}

/** `[…head]` and `[…tail]`, which overlap with neighbors, and `[…body]`, which does not. */
function cutPart({ label, samples }: SoundPart, fade: number, hasHead: boolean, hasTail: boolean): string[] {
  const from = hasHead ? fade : 0;
  const to = samples - fade;
  const ends = hasTail ? `:end_sample=${to}` : '';
  const pieces = [
    ...(hasHead ? [{ name: 'head', filters: `atrim=end_sample=${fade},afade=t=in:ns=${fade}` }] : []),
    { name: 'body', filters: `atrim=start_sample=${from}${ends},asetpts=PTS-STARTPTS` },
    ...(hasTail
      ? [{ name: 'tail', filters: `atrim=start_sample=${to},asetpts=PTS-STARTPTS,afade=t=out:ns=${fade}` }]
      : []),
  ];
  const copies = pieces.map(({ name }) => `[${label}${name}whole]`).join('');
  return [
    `[${label}]asplit=${pieces.length}${copies}`,
    ...pieces.map(({ name, filters }) => `[${label}${name}whole]${filters}[${label}${name}]`),
  ];
}
