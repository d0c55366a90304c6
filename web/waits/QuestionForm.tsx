import { useEffect, useRef, useState } from 'react';
import type { Wait } from '../../core/api/waits.ts';
import { chooseAction, nameOfButton } from '../../core/waits/question.ts';
import { firstValues, readForm, type FormErrors } from '../canvas/running/input-form.ts';
import { InputField } from '../canvas/running/InputField.tsx';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { keysOf } from '../ui/keys.ts';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { useWholeList } from '../ui/whole-list.ts';
import { ChoiceGallery } from './ChoiceGallery.tsx';
import { askedFields, errorsOfFields } from './question-form.ts';
import { useAnswer, type SendAnswer } from './use-answer.ts';

interface FormProps {
  question: Pick<Wait, 'value' | 'fields' | 'buttons' | 'choice'>;
  /** `node`: on a node of the canvas, where there is little room. */
  place: 'page' | 'node';
  send: SendAnswer;
}

/** All that it takes to answer a question: what to look at, fields, buttons, or a gallery to choose from. */
export function QuestionForm(props: FormProps) {
  return props.question.choice === null ? <Approval {...props} /> : <Choice {...props} />;
}

/** Large enough for a thumb where there is room. */
const tall = (place: FormProps['place']) => (place === 'page' ? 'h-11 px-5 text-base' : '');
/** On a node what ends the question stays in sight, however much is above it. */
const atFoot = (place: FormProps['place']) => (place === 'node' ? 'sticky bottom-0 bg-surface py-1' : '');

function Approval({ question, place, send }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [asked] = useState(() => askedFields(question));
  const [values, setValues] = useState(() => firstValues(asked, {}));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  const answer = useAnswer(send, (refusal) => {
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
      {question.value !== null && (
        <ValuePreview value={question.value} title="What came in" size={place === 'page' ? 'large' : 'small'} />
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
      <div className={cn('flex flex-wrap gap-2', atFoot(place))}>
        {question.buttons.map((button, index) => (
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

function Choice({ question, place, send }: FormProps) {
  const { items, problem } = useWholeList(question.value);
  if (problem !== null) return <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{problem}</p>;
  if (items === null) return <div className="skeleton h-40" />;
  return <ChoiceAmong items={items} question={question} place={place} send={send} />;
}

function ChoiceAmong({ items, question, place, send }: FormProps & { items: readonly unknown[] }) {
  const { min, max } = question.choice ?? { min: 0, max: 0 };
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const answer = useAnswer(send, () => false);
  const isEnough = chosen.length >= min && chosen.length <= max;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  const submit = () => {
    if (isEnough && !answer.isPending) answer.mutate({ action: chooseAction, indices: [...chosen] });
  };
  return (
    <div
      className="flex flex-col gap-3"
      data-keys="Mod+Enter"
      onKeyDown={(event) => {
        if (keysOf(event.nativeEvent) !== 'Mod+Enter') return;
        event.preventDefault();
        submit();
      }}
    >
      <ChoiceGallery items={items} chosen={chosen} max={max} place={place} onChange={setChosen} />
      <div className={cn('flex items-center justify-between gap-3', atFoot(place))}>
        <p role="status" className="text-xs text-muted">
          {chosen.length} of {items.length} chosen. Choose {wanted}.
        </p>
        <Button variant="primary" className={tall(place)} disabled={!isEnough || answer.isPending} onClick={submit}>
          Choose
        </Button>
      </div>
    </div>
  );
}
