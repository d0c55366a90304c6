/** What results are called in a drag within the app. */
export const draggedResultKey = 'application/x-heddle-results';
