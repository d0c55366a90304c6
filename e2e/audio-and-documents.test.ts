import { expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { makeSound, mediaPath } from '../testing/media.ts';
import { dragFromPalette, drawEdge, nodeCard, openNewWorkflow, untilRun, untilSaved } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();

test.each(['light', 'dark'] as const)(
  'a sound is uploaded into a node, its waveform is drawn, moved in by keyboard, and goes through a run (%s)',
  async (theme) => {
    const { page, troubles } = await stack.open({ theme });
    await openNewWorkflow(page);
    await dragFromPalette(page, 'Audio', { x: 200, y: 140 });
    await dragFromPalette(page, 'Delay', { x: 640, y: 140 });
    const sound = nodeCard(page, 'Audio');
    await sound.getByLabel('Upload audio file').setInputFiles(await makeSound('mp3'));
    const waveform = sound.locator('svg[aria-label^="Waveform of"][data-measured="true"]');
    await waveform.waitFor();
    // Silence for the first second of three, then a tone.
    const heights = await waveform
      .locator('rect')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))));
    expect(heights).toHaveLength(80);
    expect(Math.max(...heights.slice(0, 24))).toBeLessThan(20);
    expect(Math.min(...heights.slice(30, 76))).toBeGreaterThan(60);
    const position = sound.getByRole('slider', { name: /^Position in / });
    await position.focus();
    await page.keyboard.press('End');
    expect(await position.getAttribute('aria-valuetext')).toMatch(/^0:03 of 0:03$/);
    await page.keyboard.press('Home');
    expect(await position.getAttribute('aria-valuetext')).toMatch(/^0:00 of 0:03$/);

    await drawEdge(page, sound, nodeCard(page, 'Delay'), 'input');
    await page.locator('.react-flow__edge').waitFor({ state: 'attached' });
    await untilSaved(page);
    await page.keyboard.press('Control+Enter');
    await untilRun(page, 'COMPLETED');
    const result = nodeCard(page, 'Delay').locator('.node-result');
    await result.locator('svg[data-measured="true"]').waitFor();
    await result.getByText('stereo · 48 kHz').waitFor();
    expect(troubles).toEqual([]);
  },
);

test('a document is uploaded by its content, shown with its name, kind and size, and can be saved', async () => {
  const { page, troubles } = await stack.open();
  const table = mediaPath('prices.csv');
  await writeFile(table, 'item,price\nflask,12\nlamp,30\n');
  await openNewWorkflow(page);
  await dragFromPalette(page, 'File', { x: 200, y: 140 });
  const node = nodeCard(page, 'File');
  await node.getByLabel('Upload document').setInputFiles(table);
  await node.getByText('CSV · 28 B').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    node.getByRole('link', { name: 'Download prices.csv' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('prices.csv');
  expect(troubles).toEqual([]);
});
