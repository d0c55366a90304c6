import type { ReactNode } from 'react';

/** Class names of a cell. */
export const cell = 'px-3 py-2 whitespace-nowrap';

interface TableProps {
  label: string;
  /** A heading that begins with `#` is one of numbers, set to the right. */
  head: readonly string[];
  children: ReactNode;
}

/** A plain table that scrolls sideways where it does not fit. */
export function Table({ label, head, children }: TableProps) {
  return (
    <div className="-mx-3 overflow-x-auto" tabIndex={0} role="group" aria-label={label}>
      <table className="w-full text-left text-xs">
        <thead className="text-2xs text-faint">
          <tr className="border-b border-line">
            {head.map((title) => (
              <th
                key={title}
                scope="col"
                className={`px-3 py-2 align-bottom font-medium sm:whitespace-nowrap ${title.startsWith('#') ? 'text-right' : ''}`}
              >
                {title.replace('#', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
