import { parse } from 'acorn';
import { useDeferredValue, useId, useMemo, useRef } from 'react';
import { cn } from '../../../web/ui/cn.ts';

interface CodeAreaProps {
  readonly value: string;
  /** Lines that are shown; more of them scroll. */
  readonly rows: number;
  readonly isReadOnly: boolean;
  onChange(code: string): void;
}

/** Where code is not JavaScript, counted from 1. */
interface CodeFlaw {
  readonly line: number;
  readonly message: string;
}

/** In pixels; the numbers stand beside their lines. */
const lineHeight = 18;

/** A text area for JavaScript with numbered lines, which says at which line it cannot be read. Tab indents; Escape leaves. */
export function CodeArea({ value, rows, isReadOnly, onChange }: CodeAreaProps) {
  const id = useId();
  const numbers = useRef<HTMLPreElement>(null);
  const settled = useDeferredValue(value);
  const flaw = useMemo(() => flawOf(settled), [settled]);
  const lines = value.split('\n').length;
  return (
    <div className="flex flex-col gap-1">
      <div
        className={cn(
          'flex overflow-hidden rounded-md border border-line bg-field font-mono text-xs focus-within:border-accent',
          flaw !== null && 'border-danger',
        )}
        style={{ height: rows * lineHeight + 14 }}
      >
        <pre
          ref={numbers}
          aria-hidden
          className="shrink-0 overflow-hidden py-1.5 pr-2 pl-2 text-right text-faint select-none"
          style={{ lineHeight: `${lineHeight}px` }}
        >
          {Array.from({ length: lines }, (_, index) => (
            <div key={index} className={cn(flaw?.line === index + 1 && 'font-bold text-danger')}>
              {index + 1}
            </div>
          ))}
        </pre>
        <textarea
          id={id}
          aria-label="Code"
          aria-invalid={flaw !== null}
          aria-describedby={flaw === null ? undefined : `${id}-flaw`}
          className="nodrag nowheel min-w-0 flex-1 resize-none bg-transparent py-1.5 pr-2 whitespace-pre text-ink outline-none"
          style={{ lineHeight: `${lineHeight}px` }}
          value={value}
          disabled={isReadOnly}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          onScroll={(event) => {
            if (numbers.current !== null) numbers.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={(event) => {
            const area = event.currentTarget;
            if (event.key === 'Escape') area.blur();
            if (event.key !== 'Tab' || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            area.setRangeText('  ', area.selectionStart, area.selectionEnd, 'end');
            onChange(area.value);
          }}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      {flaw !== null && (
        <span id={`${id}-flaw`} role="status" className="text-xs text-danger">
          Line {flaw.line}: {flaw.message}
        </span>
      )}
    </div>
  );
}

function flawOf(code: string): CodeFlaw | null {
  try {
    parse(code, { ecmaVersion: 2023, allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true });
    return null;
  } catch (error) {
    const { loc, message } = error as { readonly loc?: { readonly line: number }; readonly message: string };
    return { line: loc?.line ?? 1, message: message.replace(/\s*\(\d+:\d+\)$/, '.') };
  }
}
