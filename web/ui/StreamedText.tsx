import { useEffect, useRef } from 'react';
import { cn } from './cn.ts';

/** Text as it is written; the newest line stays in view. `isFilling` takes the room that there is. */
export function StreamedText({ text, isFilling = false }: { text: string; isFilling?: boolean }) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    area.current?.scrollTo({ top: area.current.scrollHeight });
  }, [text]);
  return (
    <div className={cn('rounded-md bg-field py-1.5', isFilling && 'result-box')}>
      <div
        ref={area}
        aria-busy="true"
        data-streaming="true"
        className={cn(
          'nodrag nowheel overflow-y-auto px-2 text-xs break-words whitespace-pre-wrap',
          isFilling ? 'h-[round(down,100%,16px)]' : 'max-h-52',
        )}
      >
        {text}
        <span aria-hidden className="ml-0.5 inline-block h-3 w-1.5 animate-pulse bg-accent-text align-middle" />
      </div>
    </div>
  );
}
