import { useEffect, useRef } from 'react';

/** Text as it is written; the newest line stays in view. */
export function StreamedText({ text }: { text: string }) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    area.current?.scrollTo({ top: area.current.scrollHeight });
  }, [text]);
  return (
    <div
      ref={area}
      aria-busy="true"
      data-streaming="true"
      className="nodrag nowheel max-h-52 overflow-y-auto rounded-md bg-field px-2 py-1.5 text-xs break-words whitespace-pre-wrap"
    >
      {text}
      <span aria-hidden className="ml-0.5 inline-block h-3 w-1.5 animate-pulse bg-accent-text align-middle" />
    </div>
  );
}
