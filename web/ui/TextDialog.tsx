import { CopyButton } from './CopyButton.tsx';
import { Dialog } from './Dialog.tsx';
import { countOf } from './format.ts';

interface TextDialogProps {
  readonly text: string;
  readonly title: string;
  /** Its columns mean something. */
  readonly isData: boolean;
  onClose(): void;
}

/** A text in letters and lines that are made for reading. */
export function TextDialog({ text, title, isData, onClose }: TextDialogProps) {
  return (
    <Dialog
      open
      title={title}
      description={countOf(text.length, 'character')}
      // About eighty letters a line.
      width={720}
      onClose={onClose}
      footer={<CopyButton text={text} label={`Copy ${title}`} />}
    >
      <p className={`text-base break-words whitespace-pre-wrap select-text ${isData ? 'font-mono text-xs' : ''}`}>
        {text}
      </p>
    </Dialog>
  );
}
