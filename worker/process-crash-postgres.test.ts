import { describe } from '@jest/globals';
import { testProcessCrashes } from '../testing/process-crashes.ts';

describe('an installation (queue on Postgres)', () => testProcessCrashes('postgres'));
