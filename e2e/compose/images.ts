import { join } from 'node:path';
import { projectRoot, type ComposeStack } from './stack.ts';

/** Images that are not built here, and what stands in for them where no registry answers. */
const substitutes = {
  PROXY_IMAGE: { service: 'proxy', target: 'proxy' },
  PROMETHEUS_IMAGE: { service: 'prometheus', target: 'prometheus' },
  S3_IMAGE: { service: 's3', target: 's3' },
} as const;

/** The setting that makes the compose file use an image that this machine has or can get, and a note where it is another. */
export async function findImage(
  stack: ComposeStack,
  variable: keyof typeof substitutes,
): Promise<{ settings: Readonly<Record<string, string>>; note: string }> {
  const { service, target } = substitutes[variable];
  const config = JSON.parse(await stack.compose('--profile', '*', 'config', '--format', 'json')) as {
    services: Record<string, { image: string }>;
  };
  const image = config.services[service]?.image ?? '';
  const has = (name: string) =>
    stack.docker('image', 'inspect', name).then(
      () => true,
      () => false,
    );
  if (await has(image)) return { settings: {}, note: image };
  const isPulled = await stack.docker('pull', '--quiet', image).then(
    () => true,
    () => false,
  );
  if (isPulled) return { settings: {}, note: image };
  const own = `heddle-test-${target}`;
  const folder = join(projectRoot, 'e2e', 'compose', 'images');
  await stack.docker('build', '--quiet', '--target', target, '--tag', own, folder);
  return { settings: { [variable]: own }, note: `${own} in place of ${image}, which could not be had` };
}
