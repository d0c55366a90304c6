/** Shorter ones are found by trying. */
export const minPasswordLength = 8;
/** Longer ones are no safer, only dearer to hash. */
export const maxPasswordLength = 1_024;

/** What people who guess try first, and what installers leave as it was; lower case, without signs at the end. */
const common = new Set(
  `password passwort passw0rd p@ssword p@ssw0rd pa$$word changeme change-me change_me changeit letmein letmein1 welcome
   welcome1 iloveyou sunshine princess football baseball superman batman starwars trustno1 whatever computer internet
   administrator administrat0r admin admin123 adminadmin adminpassword rootroot rootpassword testtest testpassword
   password1 password12 password123 password1234 password12345 passwordpassword mypassword yourpassword newpassword
   secret secret123 secretpassword topsecret default defaultpassword example examplepassword postgres postgrespassword
   qwertyuiop qwerty qwerty12 qwerty123 qwertyui qwertz qwertzui qwertzuiop azertyuiop asdfghjkl asdfasdf zxcvbnm
   1q2w3e4r 1q2w3e4r5t q1w2e3r4 1qaz2wsx qazwsxedc abcd1234 abc12345 abcdefgh a1b2c3d4 aa123456 monkey123 dragon123
   hunter2 correcthorsebatterystaple heddle heddle123 heddlepassword owner ownerpassword docker dockerdocker minioadmin
   guest guestguest superuser support supportsupport temp1234 temppassword test1234 user1234 pass1234`.split(/\s+/),
);

const sequences = ['01234567890123456789', '98765432109876543210', 'abcdefghijklmnopqrstuvwxyz'];

/**
 * Why a password would be guessed soon, in words for the person who chose it;
 * null where nothing speaks against it. Length decides most; no rule asks for
 * signs of certain kinds.
 */
export function passwordWeakness(password: string, email = ''): string | null {
  const length = Array.from(password).length;
  if (length < minPasswordLength) return `Use at least ${minPasswordLength} characters; a few random words work best.`;
  if (password.length > maxPasswordLength) return `Use at most ${maxPasswordLength} characters.`;
  const plain = password.normalize('NFKC').toLowerCase();
  const core = plain.replace(/[\d\W_]+$/u, '');
  if (common.has(plain) || common.has(core) || common.has(plain.replace(/[\W_]+$/u, ''))) {
    return 'This password is too common. Choose another one.';
  }
  if (new Set(plain).size < 4 || isRepetition(plain)) return 'This password repeats itself. Choose another one.';
  if (sequences.some((sequence) => sequence.includes(plain)))
    return 'This password is a simple sequence. Choose another one.';
  const name = email.toLowerCase().split('@')[0] ?? '';
  if (plain === email.toLowerCase() || (name.length >= 3 && core === name)) {
    return 'This password is part of your email address. Choose another one.';
  }
  return null;
}

/** `abcabcabc`: one short piece over and over. */
function isRepetition(text: string): boolean {
  return /^(.{1,4})\1+$/su.test(text);
}
