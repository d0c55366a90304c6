import { useState } from 'react';
import { Field, TextInput } from '../../../web/ui/Field.tsx';
import { Select } from '../../../web/ui/Select.tsx';
import { operators, operatorWords, takesOperand, type Operator } from './condition.ts';

type Data = Readonly<Record<string, unknown>>;

interface ConditionFieldsProps {
  /** A condition as it has been typed so far, valid or not. */
  readonly condition: Data;
  /** What tells this condition from others to assistive technology, such as `Case 2`; default nothing. */
  readonly name?: string;
  readonly isReadOnly: boolean;
  onChange(change: Data): void;
}

const expressionChoice = 'expression';
const groups = [
  { options: operators.map((value) => ({ value: value as string, label: operatorWords[value] })) },
  { title: 'Advanced', options: [{ value: expressionChoice, label: 'expression …' }] },
];

/** Operator and operand, or an expression instead. */
export function ConditionFields({ condition, name, isReadOnly, onChange }: ConditionFieldsProps) {
  const { operator, operand, expression } = condition;
  const hasExpression = typeof expression === 'string' && expression.trim() !== '';
  // Emptied while it is typed anew, it stays what is edited.
  const [isTyping, setIsTyping] = useState(hasExpression);
  const isExpression = isTyping || hasExpression;
  const known = operators.find((one) => one === operator) ?? 'isNotEmpty';
  const label = (words: string) => (name === undefined ? words : `${name}: ${words.toLowerCase()}`);
  return (
    <div className="flex flex-col gap-2">
      <Field label="The value" isLabelHidden={name !== undefined}>
        {() => (
          <Select
            label={label('The value')}
            value={isExpression ? expressionChoice : known}
            disabled={isReadOnly}
            groups={groups}
            className="nodrag"
            onChange={(chosen) => {
              setIsTyping(chosen === expressionChoice);
              if (chosen === expressionChoice) onChange({ expression: 'value != ""' });
              else onChange({ operator: chosen as Operator, expression: undefined });
            }}
          />
        )}
      </Field>
      {isExpression ? (
        <TextInput
          aria-label={label('Expression')}
          className="nodrag font-mono"
          value={typeof expression === 'string' ? expression : ''}
          placeholder='value.size() > 20 && value.contains("!")'
          disabled={isReadOnly}
          onChange={(event) => onChange({ expression: event.target.value })}
        />
      ) : (
        takesOperand(known) && (
          <TextInput
            aria-label={label('Compared with')}
            className="nodrag"
            value={Array.isArray(operand) ? operand.join(', ') : operand === undefined ? '' : String(operand)}
            placeholder={hints[known] ?? 'Text or number'}
            disabled={isReadOnly}
            onChange={(event) => onChange({ operand: event.target.value })}
          />
        )
      )}
    </div>
  );
}

const hints: Partial<Record<Operator, string>> = {
  matches: '(?i)refund|money back',
  greater: 'Number',
  less: 'Number',
  isOneOf: 'red, green, blue',
};
