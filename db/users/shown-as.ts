/**
 * What people read of whoever did something, as SQL: the address of a person, the name of a program or of a workspace.
 *
 * @param id an expression that gives an id of `users`
 */
export function shownAs(id: string): string {
  return `(select coalesce(case when u.kind = 'person' then u.email end, u.first_name,
                           (select s.name from workspaces s where s.id = u.id), u.email)
             from users u where u.id = ${id})`;
}
