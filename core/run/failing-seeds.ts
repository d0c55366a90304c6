/** Histories of the simulation that failed once; they are played for ever. */
export const failingSeeds: readonly number[] = [];
