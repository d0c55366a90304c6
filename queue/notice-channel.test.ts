import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Notice } from '../core/events/notice.ts';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { createTestRedis } from '../testing/redis.ts';
import { openQueueBackend, type QueueBackend, type QueueLocation } from './backend.ts';
import type { NoticeChannel } from './notice-channel.ts';

describeOnBothQueues('a channel of notices', (kind) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let backends: QueueBackend[];
  let near: NoticeChannel;
  /** Through a network that can vanish without a word. */
  let far: NoticeChannel;
  const heard: string[] = [];
  let missed = 0;
  beforeEach(async () => {
    database = await createTestDatabase();
    const location: QueueLocation = kind === 'postgres' ? { kind, url: database.url } : { kind, ...createTestRedis() };
    const url = new URL(location.url);
    proxy = await startTcpProxy(Number(url.port || 6379));
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    backends = [location, { ...location, url: url.href }].map((place) => openQueueBackend(place, () => {}));
    [near, far] = backends.map((backend) => backend.openNotices(() => {}, { hearingEveryMs: 1_500 })) as [
      NoticeChannel,
      NoticeChannel,
    ];
    await Promise.all([near.start(), far.start()]);
    far.subscribe(
      (notice: Notice) => void (notice.kind === 'stop' && heard.push(notice.runId)),
      () => (missed += 1),
    );
    heard.length = 0;
    missed = 0;
  });
  afterEach(async () => {
    await Promise.all([near.stop(), far.stop()]);
    await Promise.all(backends.map((backend) => backend.stop()));
    await proxy.stop();
    await database.drop();
  });

  /** Says something until the other side hears it. */
  async function isHeard(): Promise<void> {
    const before = heard.length;
    await eventually(
      async () => {
        await near.publish([{ kind: 'stop', runId: '00000000-0000-7000-8000-000000000000' }]);
        return heard.length > before;
      },
      { intervalMs: 200 },
    );
  }

  test('finds out that nothing comes any more on a connection that was never closed, and tells that it missed some', async () => {
    await isHeard();
    const before = missed;
    expect(proxy.freeze(() => true)).toBeGreaterThan(0);
    await near.publish([{ kind: 'stop', runId: '00000000-0000-7000-8000-000000000001' }]);
    await isHeard();
    await eventually(() => missed > before);
    expect(heard).not.toContain('00000000-0000-7000-8000-000000000001');
    await isHeard();
  });

  test('tells that it missed some after its connection was cut', async () => {
    await isHeard();
    const before = missed;
    proxy.cut();
    await eventually(() => missed > before);
    await isHeard();
  });
});
