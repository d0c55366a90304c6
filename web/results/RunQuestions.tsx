import { QuestionView } from '../waits/QuestionView.tsx';
import { useQuestionsOfRun } from '../waits/use-questions-of-run.ts';

/** Of the list of questions, to lead there. */
export const questionsId = 'questions-of-run';

/** What the shown run asks people, to be answered here. Nothing where nothing waits. */
export function RunQuestions() {
  const items = useQuestionsOfRun();
  if (items.length === 0) return null;
  return (
    <ul
      id={questionsId}
      aria-label="Questions of this run"
      className="flex flex-col gap-4 border-b border-line bg-surface p-4"
    >
      {items.map((wait) => (
        <li key={wait.id} className="flex flex-col gap-2">
          <h2 className="text-xs text-status-waiting">{wait.nodeLabel ?? wait.nodeId} waits for you</h2>
          <QuestionView wait={wait} place="page" />
        </li>
      ))}
    </ul>
  );
}
