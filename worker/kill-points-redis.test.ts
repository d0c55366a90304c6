import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { testKillPoints } from '../testing/kill-points.ts';

describeOnRedis('a worker that dies in the middle of a run (queue on Redis)', () => testKillPoints('redis'));
