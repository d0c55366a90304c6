import type { InstallationConfig } from './installation.ts';

/** Everything in a process's configuration that must never be written down. */
export function secretsOf(
  config: Pick<
    InstallationConfig,
    'databaseUrl' | 'databaseDirectUrl' | 'redisUrl' | 'providers' | 'secretsKey' | 'assetsCredentials'
  >,
  more: readonly (string | undefined)[] = [],
): readonly string[] {
  const urls = [config.databaseUrl, config.databaseDirectUrl, config.redisUrl].flatMap(passwordsOf);
  const { GEMINI_API_KEY, OPENAI_API_KEY } = config.providers;
  const keys = [
    GEMINI_API_KEY,
    OPENAI_API_KEY,
    config.secretsKey?.present,
    config.secretsKey?.old,
    config.assetsCredentials?.secretAccessKey,
    ...more,
  ];
  return [...urls, ...keys.filter((key) => key !== undefined && key !== '')] as string[];
}

/** The password of an address as it is and as it is written there. */
function passwordsOf(url: string | null): string[] {
  const written = url !== null && URL.canParse(url) ? new URL(url).password : '';
  return written === '' ? [] : [written, decodeURIComponent(written)];
}
