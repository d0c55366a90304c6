/** What stands where an app asks for nothing; whoever can edit its workflow reads how to change that. */
export function nothingAsked(mayEdit: boolean): string {
  return mayEdit
    ? 'There is nothing to fill in. To ask for a photo or a text, turn on “Workflow input” for its node and publish again.'
    : 'There is nothing to fill in.';
}

/** What stands where a run of an app has ended well and has no results to show. */
export function nothingShown(mayEdit: boolean): string {
  return mayEdit
    ? 'This app shows no results. Connect an Output node to each result in the workflow, and publish again.'
    : 'This app shows no results. Ask whoever made it to add some.';
}
