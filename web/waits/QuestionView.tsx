import { useEffect, useRef, useState } from 'react';
import type { Wait } from '../../core/api/waits.ts';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import { chooseAction, nameOfButton } from '../../core/waits/question.ts';
import { firstValues, readForm, type FormErrors } from '../canvas/running/input-form.ts';
import { InputField } from '../canvas/running/InputField.tsx';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { keysOf } from '../ui/keys.ts';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { lookingWords } from '../workspaces/looking-words.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { ChoiceGallery } from './ChoiceGallery.tsx';
import { askedFields, errorsOfFields } from './question-form.ts';
import { useAnswer } from './use-answer.ts';

interface QuestionProps {
  wait: Wait;
  /** `node`: on a node of the canvas, where there is little room. */
  place: 'page' | 'node';
}

/** What is asked, with all that it takes to answer: what to look at, fields, buttons, or a gallery to choose from. */
export function QuestionView({ wait, place }: QuestionProps) {
  const role = useRoleHere();
  const mayAnswer = allows(role, 'runner');
  return (
    <section
      aria-label={wait.message || 'Question'}
      className={cn('flex flex-col gap-3', place === 'node' && 'nodrag nowheel')}
    >
      {/* A node shows its message itself. */}
      {place === 'page' && wait.message !== '' && <p className="text-base whitespace-pre-wrap">{wait.message}</p>}
      {!mayAnswer ? (
        <Unanswerable wait={wait} place={place} role={role} />
      ) : wait.choice === null ? (
        <Approval wait={wait} place={place} />
      ) : (
        <Choice wait={wait} place={place} />
      )}
    </section>
  );
}

/** What is asked, to those who may look only. */
function Unanswerable({ wait, place, role }: QuestionProps & { role: WorkspaceRole }) {
  const values =
    Array.isArray(wait.value) && wait.choice !== null ? wait.value : wait.value === null ? [] : [wait.value];
  return (
    <>
      {values.map((value, index) => (
        // The place in the list is what is chosen.
        <ValuePreview key={index} value={value} title="What came in" size={place === 'page' ? 'large' : 'small'} />
      ))}
      <p role="note" className="text-xs text-muted">
        {lookingWords(role)}
      </p>
    </>
  );
}

/** Large enough for a thumb where there is room. */
const tall = (place: QuestionProps['place']) => (place === 'page' ? 'h-11 px-5 text-base' : '');

function Approval({ wait, place }: QuestionProps) {
  const form = useRef<HTMLFormElement>(null);
  const [asked] = useState(() => askedFields(wait));
  const [values, setValues] = useState(() => firstValues(asked, {}));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  const answer = useAnswer(wait.id, (refusal) => {
    const told = errorsOfFields(asked, refusal);
    if (told !== null) setErrors(told);
    return told !== null;
  });
  const press = (action: string) => {
    const { inputs, errors: wrong } = readForm(asked, values);
    const waiting = [...busy].map((name) => [name, 'The file is still being uploaded.'] as const);
    const found = { ...wrong, ...Object.fromEntries(waiting) };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    answer.mutate({ action, ...(asked.length > 0 && { values: inputs }) });
  };
  return (
    <form ref={form} noValidate className="flex flex-col gap-3" onSubmit={(event) => event.preventDefault()}>
      {wait.value !== null && (
        <div className={cn(place === 'node' && 'max-h-60 overflow-y-auto')}>
          <ValuePreview value={wait.value} title="What came in" size={place === 'page' ? 'large' : 'small'} />
        </div>
      )}
      {asked.map((input) => (
        <InputField
          key={input.field.name}
          input={input}
          value={values[input.field.name]}
          error={errors[input.field.name]}
          hasFocus={false}
          emptyHint=""
          onChange={(value) => {
            setValues((before) => ({ ...before, [input.field.name]: value }));
            setErrors(({ [input.field.name]: _mended, ...rest }) => rest);
          }}
          onBusy={(isBusy) =>
            setBusy((before) => {
              const next = new Set(before);
              if (isBusy) next.add(input.field.name);
              else next.delete(input.field.name);
              return next;
            })
          }
        />
      ))}
      <div className="flex flex-wrap gap-2">
        {wait.buttons.map((button, index) => (
          <Button
            key={button.id}
            variant={index === 0 ? 'primary' : 'secondary'}
            className={cn('min-w-0 flex-1', tall(place))}
            disabled={answer.isPending}
            onClick={() => press(button.id)}
          >
            {nameOfButton(button)}
          </Button>
        ))}
      </div>
    </form>
  );
}

function Choice({ wait, place }: QuestionProps) {
  const items: readonly unknown[] = Array.isArray(wait.value) ? wait.value : [];
  const { min, max } = wait.choice ?? { min: 0, max: 0 };
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const answer = useAnswer(wait.id, () => false);
  const isEnough = chosen.length >= min && chosen.length <= max;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  const send = () => {
    if (isEnough && !answer.isPending) answer.mutate({ action: chooseAction, indices: [...chosen] });
  };
  return (
    <div
      className="flex flex-col gap-3"
      onKeyDown={(event) => {
        if (keysOf(event.nativeEvent) !== 'Mod+Enter') return;
        event.preventDefault();
        send();
      }}
    >
      <ChoiceGallery items={items} chosen={chosen} max={max} place={place} onChange={setChosen} />
      <div className="flex items-center justify-between gap-3">
        <p role="status" className="text-xs text-muted">
          {chosen.length} of {items.length} chosen. Choose {wanted}.
        </p>
        <Button variant="primary" className={tall(place)} disabled={!isEnough || answer.isPending} onClick={send}>
          Choose
        </Button>
      </div>
    </div>
  );
}
