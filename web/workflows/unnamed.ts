/** What a workflow is called that nobody has named. */
export const unnamed = 'Untitled workflow';
