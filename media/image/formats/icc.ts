/** Which numbers a profile has to explain; a grey is also one of RGB. */
export type ProfileUse = 'rgb' | 'grey' | 'cmyk' | 'any';

const headerBytes = 128;

/** More tags have no profile; each takes twelve bytes of the table. */
const maxTags = 200;

/** Whether an ICC profile (ICC.1) can be used by a browser for such images; one that cannot counts as absent. */
export function holdsProfileFor(profile: Buffer, use: ProfileUse): boolean {
  if (profile.length < headerBytes + 4 || profile.toString('latin1', 36, 40) !== 'acsp') return false;
  const tags = tagsOf(profile);
  const has = (...names: string[]) => names.every((name) => tags.has(name));
  const isTable = has('A2B0') || has('A2B1');
  switch (profile.toString('latin1', 16, 20)) {
    case 'RGB ':
      return use !== 'cmyk' && (isTable || has('rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC'));
    case 'GRAY':
      return (use === 'grey' || use === 'any') && (has('kTRC') || isTable);
    case 'CMYK':
      return (use === 'cmyk' || use === 'any') && isTable;
    default:
      return false;
  }
}

/** Whether a profile is for three channels. */
export function isRgbProfile(profile: Buffer): boolean {
  return profile.toString('latin1', 16, 20) === 'RGB ';
}

/** Names of the tags whose data lie in the profile. */
function tagsOf(profile: Buffer): ReadonlySet<string> {
  const count = profile.readUInt32BE(headerBytes);
  const names = new Set<string>();
  for (let index = 0; index < Math.min(count, maxTags); index += 1) {
    const at = headerBytes + 4 + index * 12;
    if (at + 12 > profile.length) break;
    if (profile.readUInt32BE(at + 4) + profile.readUInt32BE(at + 8) <= profile.length) {
      names.add(profile.toString('latin1', at, at + 4));
    }
  }
  return names;
}
