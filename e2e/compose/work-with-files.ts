import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ComposeApi } from './api.ts';
import { must } from './checks.ts';
import { projectRoot } from './stack.ts';

/** Uploads a picture, lets a worker crop it to half its sides, and downloads the outcome. */
export async function cropUploaded(api: ComposeApi): Promise<void> {
  const photo = await api.upload(join(projectRoot, 'web', 'public', 'samples', 'flask.jpg'));
  const file = { url: photo.url, name: photo.name, type: photo.mimeType };
  const half = { x_percent: 0, y_percent: 0, width_percent: 50, height_percent: 50 };
  const workflowId = await api.createWorkflow(
    [
      { id: 'photo', type: 'image', data: { label: 'Photo', file } },
      { id: 'crop', type: 'cropImage', data: { label: 'Crop', ...half } },
    ],
    ['photo>crop.image_url'],
  );
  const run = await api.finished(await api.start(workflowId, randomUUID()));
  must(run.status === 'COMPLETED', `${run.status}: ${run.error}`);
  const crop = run.nodeExecutions.find(({ nodeId }) => nodeId === 'crop');
  const outputs = crop?.outputData as { output: { url: string } } | null | undefined;
  must(outputs != null, 'the crop has no output');
  const { width, height } = await sharp(await api.download(outputs.output.url)).metadata();
  const isHalf = Math.abs(width - photo.width! / 2) <= 1 && Math.abs(height - photo.height! / 2) <= 1;
  must(isHalf, `the crop of ${photo.width}x${photo.height} is ${width}x${height}`);
}
