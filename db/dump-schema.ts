import { sql } from 'kysely';
import type { Db } from './client.ts';

/*
 * The schema of a migrated database as one SQL script, for people to read and
 * for a test to compare: migrations/schema.sql is the result of all migrations.
 *
 * The text depends on the schema alone, not on the version of Postgres, the
 * locale or the order in which things were made. It can be run on an empty
 * database and then gives the same schema. The migrator's own two tables are
 * left out.
 */

const header = `-- The schema after all migrations. Generated from a migrated database: change
-- it by a migration, then run \`npm run db:dump\`. A test compares the two.
`;

/** One column `text` per row: a statement, or the lines of one. */
const sections = {
  sequences: `
    select format('create sequence %I as %s;', s.relname, format_type(q.seqtypid, null)) as text
      from pg_class s join pg_sequence q on q.seqrelid = s.oid
     where s.relnamespace = 'public'::regnamespace
     order by s.relname collate "C"`,

  // Foreign keys come later, so that tables may stand in the order of their names. Postgres 18 lists
  // not-null marks among the constraints (contype n); they are read from the columns, as before it.
  tables: `
    select format(e'create table %I (\\n%s\\n)%s;', t.relname, string_agg(part.line, e',\\n' order by part.place, part.rank),
                  case when t.relkind = 'p' then ' partition by ' || lower(pg_get_partkeydef(t.oid)) end) as text
      from pg_class t
      cross join lateral (
        select 1 as place, to_char(a.attnum, '00000') collate "C" as rank,
               format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                 || case when a.attnotnull then ' not null' else '' end
                 || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid, true), '') as line
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        union all
        select case c.contype when 'p' then 2 when 'u' then 3 else 4 end, c.conname::text collate "C",
               format('  constraint %I %s', c.conname, pg_get_constraintdef(c.oid, true))
          from pg_constraint c
         where c.conrelid = t.oid and c.contype in ('p', 'u', 'c', 'x')
      ) part
     where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p') and not t.relispartition and t.relname not like 'kysely\\_%'
     group by t.oid, t.relname, t.relkind
     order by t.relname collate "C"`,

  // What a part promises besides its range.
  partitions: `
    select format('create table %I partition of %I%s %s;', t.relname, p.relname,
                  (select ' (' || string_agg(format('constraint %I %s', c.conname, pg_get_constraintdef(c.oid, true)), ', ' order by c.conname) || ')'
                     from pg_constraint c where c.conrelid = t.oid and c.contype = 'c'),
                  pg_get_expr(t.relpartbound, t.oid)) as text
      from pg_class t join pg_inherits i on i.inhrelid = t.oid join pg_class p on p.oid = i.inhparent
     where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and t.relispartition
     order by t.relname collate "C"`,

  owners: `
    select format('alter sequence %I owned by %I.%I;', s.relname, t.relname, a.attname) as text
      from pg_depend d
      join pg_class s on s.oid = d.objid and s.relkind = 'S'
      join pg_class t on t.oid = d.refobjid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
     where d.classid = 'pg_class'::regclass and d.deptype = 'a' and s.relnamespace = 'public'::regnamespace
     order by s.relname collate "C"`,

  foreignKeys: `
    select format('alter table %I add constraint %I %s;', t.relname, c.conname, pg_get_constraintdef(c.oid, true)) as text
      from pg_constraint c join pg_class t on t.oid = c.conrelid
     where c.connamespace = 'public'::regnamespace and c.contype = 'f'
     order by t.relname collate "C", c.conname collate "C"`,

  indexes: `
    select pg_get_indexdef(i.indexrelid, 0, true) || ';' as text
      from pg_index i join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
     where t.relnamespace = 'public'::regnamespace and t.relname not like 'kysely\\_%'
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
     order by t.relname collate "C", x.relname collate "C"`,

  functions: `
    select rtrim(pg_get_functiondef(p.oid), e'\\n') || ';' as text
      from pg_proc p
     where p.pronamespace = 'public'::regnamespace
     order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`,

  triggers: `
    select pg_get_triggerdef(g.oid, true) || ';' as text
      from pg_trigger g join pg_class t on t.oid = g.tgrelid
     where t.relnamespace = 'public'::regnamespace and not g.tgisinternal
     order by t.relname collate "C", g.tgname collate "C"`,
} as const;

/** Things that a migration could make and that the sections above would pass over in silence. */
const unknownThings = `
  select 'relation ' || c.relname as text from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind not in ('r', 'p', 'i', 'I', 'S', 't')
  union all
  select 'type ' || t.typname from pg_type t
   where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd', 'r')
  union all
  select 'extension ' || e.extname from pg_extension e where e.extname <> 'plpgsql'
  union all
  select 'computed column ' || t.relname || '.' || a.attname
    from pg_attribute a join pg_class t on t.oid = a.attrelid
   where t.relnamespace = 'public'::regnamespace and (a.attidentity <> '' or a.attgenerated <> '')
  union all
  select 'policy ' || p.polname from pg_policy p`;

/** The schema `public` of a migrated database as SQL. Throws where it holds a kind of thing that is not dumped. */
export function dumpSchema(db: Db): Promise<string> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const read = async (query: string): Promise<string[]> => {
        const { rows } = await sql<{ text: string }>`${sql.raw(query)}`.execute(transaction);
        return rows.map(({ text }) => text);
      };
      // Names of this schema are written without it, whatever the role's own setting.
      await sql`set local search_path to public`.execute(transaction);
      const unknown = await read(unknownThings);
      if (unknown.length > 0) {
        throw new Error(
          `db/dump-schema.ts does not dump: ${unknown.join(', ')}. Add a section for this kind of thing.`,
        );
      }
      const parts = [header];
      for (const [name, query] of Object.entries(sections)) {
        const statements = (await read(query)).map((text) => (name === 'functions' ? text : withPlainLiterals(text)));
        if (statements.length > 0) parts.push(`${statements.join('\n')}\n`);
      }
      return parts.join('\n');
    });
}

/**
 * Leaves the casts of text literals out. Postgres adds them when it reads an
 * expression and moves them when it reads its own output again.
 */
function withPlainLiterals(statement: string): string {
  return statement.replace(/('(?:[^']|'')*')(?:::character varying|::text)+/g, '$1').replaceAll(']::text[]', ']');
}
