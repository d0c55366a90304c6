/** The roles as a choice. */
export const roleOptions = [
  { value: 'owner', label: 'Owner', hint: 'Everything, and members, workers, audit log' },
  { value: 'member', label: 'Member', hint: 'Makes and runs workflows of their own' },
  { value: 'viewer', label: 'Viewer', hint: 'Looks, changes nothing' },
];
