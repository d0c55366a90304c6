/** What a row takes beside its values. */
export const rowBytes = 100;
