import { ArrowUp, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useIsReadOnly, useKnownInputs, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { IconButton } from '../../../web/ui/Button.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { LayerFields } from './LayerFields.tsx';
import { LayerStage } from './LayerStage.tsx';
import { broughtForward, draftLayersOf, withLayer, withNewLayer } from './layers.ts';

/** As the schema has it, which this file does without. */
const maxLayers = 20;

/** See `composeImagesEditor`. */
export function LayersEditor({ nodeId, place }: NodeEditorProps) {
  const layers = draftLayersOf(useNodeData(nodeId));
  const inputs = useKnownInputs(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = layers.find(({ id }) => id === chosenId) ?? layers.at(-1);
  const nameOf = (index: number) => {
    const name = layers[index]?.['name'];
    return typeof name === 'string' && name.trim() !== '' ? name : `Layer ${index + 1}`;
  };
  const change = (id: string, by: Readonly<Record<string, unknown>>) => update({ layers: withLayer(layers, id, by) });
  return (
    <div className="flex flex-col gap-2">
      <LayerStage
        baseUrl={mediaUrlOf(inputs['base'])}
        layers={layers.map((layer, index) => ({ layer, name: nameOf(index), url: mediaUrlOf(inputs[layer.id]) }))}
        chosenId={chosen?.id ?? null}
        isReadOnly={isReadOnly}
        onChoose={setChosenId}
        onChange={change}
      />
      <div className="flex items-center gap-1">
        <div
          role="radiogroup"
          aria-label="Layers, the last one on top"
          className="nowheel flex min-w-0 flex-1 gap-1 overflow-x-auto"
        >
          {layers.map((layer, index) => (
            <button
              key={layer.id}
              type="button"
              role="radio"
              aria-checked={layer.id === chosen?.id}
              onClick={() => setChosenId(layer.id)}
              className="nodrag h-7 max-w-28 shrink-0 truncate rounded-md border border-line px-2 text-xs text-muted aria-checked:border-accent aria-checked:text-ink"
            >
              {nameOf(index)}
            </button>
          ))}
        </div>
        {!isReadOnly && chosen !== undefined && layers.length > 1 && (
          <IconButton
            label="Bring the layer forward"
            size="sm"
            className="nodrag"
            onClick={() => update({ layers: broughtForward(layers, chosen.id) })}
          >
            <ArrowUp size={12} />
          </IconButton>
        )}
        {!isReadOnly && chosen !== undefined && (
          <IconButton
            label="Remove the layer"
            size="sm"
            className="nodrag"
            onClick={() => update({ layers: layers.filter(({ id }) => id !== chosen.id) })}
          >
            <X size={12} />
          </IconButton>
        )}
        {!isReadOnly && layers.length < maxLayers && (
          <IconButton
            label="Add a layer"
            size="sm"
            className="nodrag"
            onClick={() => {
              const next = withNewLayer(layers);
              setChosenId(next.at(-1)!.id);
              update({ layers: next });
            }}
          >
            <Plus size={12} />
          </IconButton>
        )}
      </div>
      {chosen !== undefined && (
        <LayerFields
          key={chosen.id}
          layer={chosen}
          place={place}
          isReadOnly={isReadOnly}
          onChange={(by) => change(chosen.id, by)}
        />
      )}
    </div>
  );
}
