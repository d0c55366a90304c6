import { parse } from 'acorn';
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { cn } from '../../../web/ui/cn.ts';
import { CompletionList } from './CompletionList.tsx';
import { begunWordAt, completionsOf, type BegunWord, type Completion, type NamedValue } from './completions.ts';

interface CodeAreaProps {
  readonly value: string;
  /** Lines that are shown; more of them scroll. */
  readonly rows: number;
  readonly isReadOnly: boolean;
  /** What the code may name, for completing it. */
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  onChange(code: string): void;
}

/** Where code is not JavaScript, counted from 1. */
interface CodeFlaw {
  readonly line: number;
  readonly message: string;
}

/** In pixels; the numbers stand beside their lines. */
const lineHeight = 18;

/** Words that may stand at the caret. */
interface OpenList {
  readonly begun: BegunWord;
  readonly words: readonly Completion[];
  readonly chosen: number;
  readonly at: ReturnType<typeof placeOf>;
}

/**
 * A text area for JavaScript with numbered lines, which says at which line it cannot be read and completes names: while one
 * types, after a dot, or by Ctrl+Space; arrow keys choose, Enter and Tab take. Otherwise Tab indents; Escape leaves.
 */
export function CodeArea({ value, rows, isReadOnly, inputs, outputs, onChange }: CodeAreaProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [list, setList] = useState<OpenList | null>(null);
  /** Opens the list at the caret where something fits; `isAsked`: also before a first letter. */
  const look = ({ value: code, selectionStart: caret, scrollTop }: HTMLTextAreaElement, isAsked: boolean) => {
    const begun = begunWordAt(code, caret) ?? (isAsked ? { from: caret, word: '', of: null } : null);
    const words = begun === null ? [] : completionsOf(begun, { inputs, outputs, code });
    const at = placeOf(code.slice(0, begun?.from), scrollTop);
    setList(begun === null || words.length === 0 ? null : { begun, words, chosen: 0, at });
  };
  const take = ({ word }: Completion) => {
    const field = area.current;
    if (field === null || list === null) return;
    field.setRangeText(word, list.begun.from, field.selectionStart, 'end');
    setList(null);
    onChange(field.value);
  };
  /** Whether the key was for the list. */
  const steer = ({ key }: KeyboardEvent): boolean => {
    if (list === null) return false;
    const { words, chosen } = list;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const step = key === 'ArrowDown' ? 1 : words.length - 1;
      setList({ ...list, chosen: (chosen + step) % words.length });
    } else if (key === 'Enter' || key === 'Tab') take(words[chosen]!);
    else if (key === 'Escape') setList(null);
    else return false;
    return true;
  };
  const numbers = useRef<HTMLPreElement>(null);
  const settled = useDeferredValue(value);
  const flaw = useMemo(() => flawOf(settled), [settled]);
  const lines = value.split('\n').length;
  return (
    <div className="relative flex flex-col gap-1">
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
          ref={area}
          id={id}
          aria-label="Code"
          aria-autocomplete="list"
          aria-controls={list === null ? undefined : `${id}-words`}
          aria-activedescendant={list === null ? undefined : `${id}-words-${list.chosen}`}
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
            setList(null);
          }}
          onBlur={() => setList(null)}
          onClick={() => setList(null)}
          onKeyDown={(event) => {
            const field = event.currentTarget;
            const isPlain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
            if (event.ctrlKey && event.code === 'Space') {
              event.preventDefault();
              look(field, true);
            } else if (isPlain && steer(event)) {
              event.preventDefault();
              event.stopPropagation();
            } else if (event.key === 'Escape') field.blur();
            else if (/^(?:Arrow|Home|End|Page)/.test(event.key)) setList(null);
            else if (event.key === 'Tab' && isPlain) {
              event.preventDefault();
              field.setRangeText('  ', field.selectionStart, field.selectionEnd, 'end');
              onChange(field.value);
            }
          }}
          onChange={(event) => {
            onChange(event.target.value);
            look(event.target, false);
          }}
        />
      </div>
      {list !== null && (
        <CompletionList id={`${id}-words`} words={list.words} chosen={list.chosen} at={list.at} onTake={take} />
      )}
      {flaw !== null && (
        <span id={`${id}-flaw`} role="status" className="text-xs text-danger">
          Line {flaw.line}: {flaw.message}
        </span>
      )}
    </div>
  );
}

/** Where the list stands: below the line of the word, in pixels and in letters of the code. */
function placeOf(before: string, scrollTop: number): { readonly top: number; readonly letters: number } {
  const lines = before.split('\n');
  const top = lines.length * lineHeight + 8 - scrollTop;
  // The numbers of the lines stand before it.
  return { top, letters: lines.at(-1)!.length + 4 };
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
