import { expect, test } from '@jest/globals';
import { copyFile, link, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { mediaPath } from '../testing/media.ts';
import { createRememberedAnswers, maxRememberedLength } from './remembered-answers.ts';

function createAsker(answer: (number: number) => string | null = (number) => `answer ${number}`) {
  const answers = createRememberedAnswers();
  let asked = 0;
  return {
    ask: (file: string, question = ['-show_format']) => answers.of(file, question, async () => answer((asked += 1))),
    asked: () => asked,
  };
}

async function fileOf(name: string, content = 'content'): Promise<string> {
  const file = mediaPath(name);
  await writeFile(file, content);
  return file;
}

test('the same question about the same file is asked once, another one anew', async () => {
  const [file, { ask }] = [await fileOf('one'), createAsker()];
  expect(await ask(file)).toBe('answer 1');
  expect(await ask(file)).toBe('answer 1');
  expect(await ask(file, ['-show_streams'])).toBe('answer 2');
});

test('under another name it is the same file, a copy of it is another', async () => {
  const [file, { ask }] = [await fileOf('named'), createAsker()];
  expect(await ask(file)).toBe('answer 1');
  await link(file, `${file}-linked`);
  expect(await ask(`${file}-linked`)).toBe('answer 1');
  await rename(file, `${file}-renamed`);
  expect(await ask(`${file}-renamed`)).toBe('answer 1');
  await copyFile(`${file}-renamed`, `${file}-copied`);
  expect(await ask(`${file}-copied`)).toBe('answer 2');
});

test('of a file that has changed it is asked again: its size, or its time alone', async () => {
  const [file, { ask }] = [await fileOf('changed'), createAsker()];
  expect(await ask(file)).toBe('answer 1');
  await writeFile(file, 'longer content');
  expect(await ask(file)).toBe('answer 2');
  await utimes(file, 1_000, 1_000);
  expect(await ask(file)).toBe('answer 3');
});

test('what changes while it is looked at is asked about again', async () => {
  const [file, answers] = [await fileOf('changing'), createRememberedAnswers()];
  const first = await answers.of(file, [], async () => {
    await writeFile(file, 'still being written');
    return 'half';
  });
  expect(first).toBe('half');
  expect(await answers.of(file, [], async () => 'whole')).toBe('whole');
});

test('failures, missing files and long answers are not kept', async () => {
  const file = await fileOf('failing');
  const failing = createAsker(() => {
    throw new Error('aborted');
  });
  await expect(failing.ask(file)).rejects.toThrow('aborted');
  await expect(failing.ask(file)).rejects.toThrow('aborted');
  expect(failing.asked()).toBe(2);

  for (const answer of [null, 'x'.repeat(maxRememberedLength + 1)]) {
    const asker = createAsker(() => answer);
    expect([await asker.ask(file), await asker.ask(file)]).toEqual([answer, answer]);
    expect(asker.asked()).toBe(2);
  }

  await rm(file);
  const { ask } = createAsker();
  expect([await ask(file), await ask(file)]).toEqual(['answer 1', 'answer 2']);
});
