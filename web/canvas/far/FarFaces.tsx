import { ViewportPortal } from '@xyflow/react';
import { memo, useCallback, useMemo } from 'react';
import { assetIdOf, thumbnailUrl } from '../../../core/api/assets.ts';
import type { NodeExecution } from '../../../core/api/runs.ts';
import { rowOf, traitsOf } from '../../../core/data-types/table.ts';
import { absolutePosition, indexNodes, nameOf, sizeOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { infoOf } from '../../graph/catalogue.ts';
import { addressOf } from '../../ui/app-address.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useEnvironment, useRuns } from '../environment.ts';
import { useMotion } from '../view/use-motion.ts';
import { FacePeek } from './FacePeek.tsx';
import { faceOf, type Face } from './face-of.ts';
import './far.css';

/** No more words fit on a node. */
const mostWords = 160;

interface FarFacesProps {
  /** Whether letters can be read at all. */
  readonly hasLetters: boolean;
  /** Whether names stand here: in a large graph they are on the nodes. */
  readonly isNamed: boolean;
}

/** What every node put out, and its name, where its inside is too small to be read. What changes draws one face again. */
export function FarFaces({ hasLetters, isNamed }: FarFacesProps) {
  const { settled, nodes, moving } = useMotion();
  const still = useMemo(() => {
    const byId = indexNodes(settled);
    return settled.filter(({ id }) => !moving.has(id)).map((node) => faceAt(node, byId, hasLetters, isNamed));
  }, [settled, moving, hasLetters, isNamed]);
  const dragged = moving.size === 0 ? [] : nodes.filter(({ id }) => moving.has(id));
  const wordsOf = useWords();
  return (
    <>
      <ViewportPortal>
        <div className="far-faces">
          {still}
          {dragged.map((node) => faceAt(node, indexNodes(nodes), hasLetters, isNamed))}
        </div>
      </ViewportPortal>
      {hasLetters && <FacePeek wordsOf={wordsOf} />}
    </>
  );
}

/** The name of a node and all the words that its face begins with. */
function useWords() {
  const { store, runs, catalogue } = useEnvironment();
  return useCallback(
    (nodeId: string) => {
      const node = store.getState().nodes.find(({ id }) => id === nodeId);
      if (node === undefined) return null;
      const info = infoOf(catalogue, node);
      const face = faceOf(node, info, runs.api.getState().view?.nodes[nodeId]?.execution);
      const hasWords = face.kind === 'words' || face.kind === 'error';
      return hasWords ? { name: nameOf(node, info?.title), words: face.words } : null;
    },
    [store, runs, catalogue],
  );
}

function faceAt(node: CanvasNode, byId: ReadonlyMap<string, CanvasNode>, hasLetters: boolean, isNamed: boolean) {
  if (node.type === 'note' || node.type === 'group') return null;
  const { x, y } = absolutePosition(node, byId);
  const { width, height } = sizeOf(node);
  return (
    <FarFace
      key={node.id}
      id={node.id}
      type={node.type}
      data={node.data}
      {...{ x, y, width, height, hasLetters, isNamed }}
    />
  );
}

interface FarFaceProps extends FarFacesProps {
  readonly id: string;
  readonly type: string | undefined;
  readonly data: CanvasNode['data'];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const FarFace = memo(function FarFace({ id, type, data, x, y, width, height, hasLetters, isNamed }: FarFaceProps) {
  const { catalogue } = useEnvironment();
  const execution = useRuns(({ view }) => toldBy(view?.nodes[id]?.execution));
  const info = infoOf(catalogue, { type, data });
  const node: CanvasNode = { id, type: type ?? '', data, position: { x, y } };
  const face = useMemo(() => faceOf({ data }, info, execution), [data, info, execution]);
  const hasWords = face.kind === 'words' || face.kind === 'error';
  if (!isNamed && (face.kind === 'none' || (hasWords && !hasLetters))) return null;
  return (
    <div className="far-face" data-face-of={id} style={{ left: x, top: y, width, height }}>
      {isNamed && hasLetters && <p className="far-face-name">{nameOf(node, info?.title)}</p>}
      {face.kind === 'none' || (hasWords && !hasLetters) ? (
        <span className="far-face-icon">
          <Icon name={info?.icon ?? ''} size={64} />
        </span>
      ) : (
        <FaceResult face={face} />
      )}
    </div>
  );
});

/** What the face of a node depends on: nothing of an execution shows before it has put something out, or failed. */
function toldBy(execution: NodeExecution | undefined): NodeExecution | undefined {
  return execution?.status === 'FAILED' || execution?.outputData != null ? execution : undefined;
}

function FaceResult({ face }: { face: Exclude<Face, { kind: 'none' }> }) {
  if ('words' in face) {
    return (
      <div className="far-face-result far-face-room">
        <p
          className="far-face-words whole-lines"
          data-kind={face.kind}
          data-cut={face.words.length > mostWords || undefined}
        >
          {face.words.slice(0, mostWords)}
        </p>
      </div>
    );
  }
  switch (traitsOf(face.kind).shownAs) {
    case 'still': {
      const assetId = assetIdOf(face.url);
      return (
        <div className="far-face-result">
          <img src={addressOf(assetId === null ? face.url : thumbnailUrl(assetId, 320))} alt="" loading="lazy" />
        </div>
      );
    }
    case 'moving':
      return (
        <div className="far-face-result">
          <video src={addressOf(face.url)} muted playsInline preload="metadata" tabIndex={-1} />
        </div>
      );
    case 'sound':
    case 'document':
      return (
        <div className="far-face-result">
          <span className="far-face-icon">
            <Icon name={rowOf(face.kind).icon} size={72} />
          </span>
        </div>
      );
  }
}
