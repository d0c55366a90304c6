import { describe } from '@jest/globals';
import { testRegionCrashes } from '../testing/region-crashes.ts';

describe('a region whose worker dies (queue on Postgres)', () => testRegionCrashes('postgres'));
