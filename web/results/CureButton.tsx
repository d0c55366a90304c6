import { ArrowRight, RotateCcw } from 'lucide-react';
import { use } from 'react';
import { useNavigate } from 'react-router';
import { EditorContext } from '../canvas/editor/use-editor.ts';
import { useEnvironment } from '../canvas/environment.ts';
import { Button } from '../ui/Button.tsx';
import { cureOf } from './cure.ts';

/** Leads to where an error of a node can be put right; nothing in a run that can only be looked at. */
export function CureButton({ nodeId, errorCode }: { readonly nodeId: string; readonly errorCode: string | null }) {
  const { store, isReadOnly } = useEnvironment();
  const editor = use(EditorContext);
  const navigate = useNavigate();
  const cure = cureOf(errorCode);
  if (editor === null || (isReadOnly && cure.kind !== 'page')) return null;
  const act = () => {
    switch (cure.kind) {
      case 'page':
        void navigate(cure.path);
        return;
      case 'node':
        store.getState().selectNodes([nodeId]);
        editor.dispatch({ type: 'go-to-inspector' });
        return;
      case 'again':
        void store.getState().runPart('selected', [nodeId]);
    }
  };
  return (
    <Button size="sm" className="nodrag" onClick={act}>
      {cure.kind === 'again' ? <RotateCcw size={12} aria-hidden /> : <ArrowRight size={12} aria-hidden />}
      {cure.label}
    </Button>
  );
}
