import { describe } from '@jest/globals';
import { testKillPoints } from '../testing/kill-points.ts';

describe('a worker that dies in the middle of a run (queue on Postgres)', () => testKillPoints('postgres'));
