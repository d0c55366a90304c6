import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { testProcessCrashes } from '../testing/process-crashes.ts';

describeOnRedis('an installation (queue on Redis)', () => testProcessCrashes('redis'));
