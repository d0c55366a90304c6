import { expect, test } from '@jest/globals';
import { errorTexts } from '../testing/error-texts.ts';

/** Sentences that say what to do. */
const advice = new RegExp(
  '(?:^|[.:;,…] |\\bor |\\band )(?:' +
    'Add|Ask|Cancel|Change|Check|Choose|Close|Compare|Connect|Convert|Correct|Cut|Delete|Enter|Fill|Free|Give|Have|Join|Leave|Make|Move|Name|Publish|' +
    'Raise|Read|Remove|Resize|Restart|Return|Run|Save|Send|Set|Shorten|Sign|Split|Start|Take|Try|Unsubscribe|Update|Upload|Use|Wait|Write)\\b|' +
    '(?:: |or )(?:connect|give|name|send|upload)\\b|The next one may start|This address takes … only',
  'i',
);

/** What is filled in at the end says it: the findings of a schema, an address to look at, a cause with its remedy. */
const isFilledIn = (text: string) => /(?:^|[:.)] ?)…+(?: …)*\.?$|, $|… … …\.$|: …\.$/.test(text);

test('every text of an error says what to do, or ends in words that do', async () => {
  const texts = await errorTexts();
  expect(texts.length).toBeGreaterThan(200);
  const silent = texts.filter(
    // What INTERNAL is about the log has; callers are told so.
    ({ code, text }) => code !== 'INTERNAL' && !advice.test(text) && !isFilledIn(text),
  );
  expect(silent.map(({ at, text }) => `${at} ${text}`)).toEqual([]);
});

test('every text of an error is sentences: a capital first, a full stop last', async () => {
  const texts = await errorTexts();
  const odd = texts.filter(({ text }) => !/^[A-Z…"A-Za-z]/.test(text) || !/(?:[.…,]|a node)$/.test(text.trimEnd()));
  expect(odd.map(({ at, text }) => `${at} ${text}`)).toEqual([]);
});
