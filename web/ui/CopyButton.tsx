import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './Button.tsx';
import { copyText } from './copy-text.ts';

/** Copies a text and says that it did. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isDone, setIsDone] = useState(false);
  return (
    <IconButton
      label={isDone ? 'Copied' : label}
      size="sm"
      className="nodrag"
      onClick={() => {
        void copyText(text).then((isCopied) => {
          setIsDone(isCopied);
          // Long enough to be seen.
          setTimeout(() => setIsDone(false), 1_500);
        });
      }}
    >
      {isDone ? <Check size={13} /> : <Copy size={13} />}
    </IconButton>
  );
}
