import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComposeApi } from './api.ts';
import { must } from './checks.ts';
import { testSettings, type ComposeContext } from './context.ts';
import { createComposeStack, type ComposeStack } from './stack.ts';
import { cropUploaded } from './work-with-files.ts';

/** Every table but those about processes that run now. */
const listTables = `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
    and relname not like 'kysely%' and relname not in ('workers', 'rate_buckets', 'invariant_checks') order by 1`;

/** Saving an installation, and bringing it back on a machine that has none. */
export async function checkBackup({ checks, stack, api, image }: ComposeContext): Promise<void> {
  await checks.check('a backup is restored into an empty stack: every row and every file, by hash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-backup-'));
    // The containers write as a user of their own.
    await chmod(folder, 0o777);
    const other = await createComposeStack(image);
    try {
      await cropUploaded(api);
      await stack.configure({ ...testSettings, BACKUP_DIR: folder });
      const saved = await stack.heddle('backup', '/backup/whole');
      const { contents } = JSON.parse(await readFile(join(folder, 'whole', 'manifest.json'), 'utf8')) as {
        contents: string[];
      };
      must(contents.length > 0, `no file was saved: ${saved}`);

      await other.configure({ ...testSettings, BACKUP_DIR: folder });
      await other.heddle('restore', '/backup/whole');
      const tables = (await stack.query(listTables)).map(([name = '']) => name);
      const counts: string[] = [];
      for (const table of tables) {
        const [before, after] = [await hashOf(stack, table), await hashOf(other, table)];
        must(before === after, `${table}: ${before} became ${after}`);
        const [, count = '0'] = before.split(' ');
        if (['workflow_runs', 'node_executions', 'run_events', 'assets'].includes(table)) {
          must(Number(count) > 0, `${table} is empty`);
          counts.push(`${count} ${table}`);
        }
      }

      await other.compose('up', '-d', '--wait');
      // The keys of the first installation came along.
      const restored = createComposeApi(other.url, stack.apiKey);
      const script = `cd /var/lib/heddle/assets/content && find . -type f -exec sha256sum {} + | while read hash file; do
        [ "$hash" = "\${file##*/}" ] && echo "$hash" || echo "damaged $file"; done | sort`;
      const files = (await other.compose('exec', '-T', 'server', 'sh', '-c', script)).trim().split('\n');
      must(files.join() === contents.toSorted().join(), `${files.length} of ${contents.length} files: ${files[0]}`);
      const finished = await stack.query(
        `select id, status from workflow_runs where finished_at is not null order by random() limit 20`,
      );
      for (const [id = '', status] of finished) {
        const [there, here] = [await api.run(id), await restored.run(id)];
        must(here.status === status && JSON.stringify(here) === JSON.stringify(there), `run ${id} differs`);
      }
      return `${tables.length} tables, ${counts.join(', ')}, ${files.length} files; ${finished.length} runs look the same`;
    } finally {
      await stack.compose('run', '--rm', '-T', '--entrypoint', 'rm', 'heddle', '-rf', '/backup/whole').catch(() => '');
      await other.dispose();
      await stack.configure(testSettings);
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function hashOf(stack: ComposeStack, table: string): Promise<string> {
  const [[hash = '', count = ''] = []] = await stack.query(
    `select coalesce(md5(string_agg(t::text, e'\\n' order by t::text)), 'none'), count(*) from "${table}" t`,
  );
  return `${hash} ${count}`;
}
