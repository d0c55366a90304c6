import { alignmentTitles, type Alignment } from '../../graph/align.ts';
import { layoutNodes } from '../../graph/layout.ts';
import { fitOptions } from '../view/fit.ts';
import type { CommandContext } from './command-context.ts';
import { inGroup } from './command.ts';

/** Where nodes stand, and in which frame. */
export function arrangeCommands({ store, flow, canEdit, facts, report }: CommandContext) {
  const state = () => store.getState();
  const align = (alignment: Alignment) => ({
    title: alignmentTitles[alignment],
    isEnabled: canEdit && facts.selectedCount > 1,
    run: () => state().alignSelection(alignment),
  });
  const tidy = async () => {
    const { nodes, edges } = state();
    const positions = await layoutNodes(
      nodes.filter(({ type }) => type !== 'note'),
      edges,
    );
    state().moveNodes('Tidy up', positions);
    // After React has drawn the new positions.
    requestAnimationFrame(() => void flow.fitView(fitOptions));
  };
  return inGroup('Arrange', {
    group: {
      title: 'Group the selection',
      keys: ['Mod+G'],
      isEnabled: canEdit && facts.selectedCount > 0,
      run: () => state().groupSelection(),
    },
    ungroup: {
      title: 'Ungroup',
      keys: ['Mod+Shift+G'],
      isEnabled: canEdit && facts.isGroupSelected,
      run: () => state().ungroupSelection(),
    },
    'align-left': align('left'),
    'align-center': align('center'),
    'align-right': align('right'),
    'align-top': align('top'),
    'align-middle': align('middle'),
    'align-bottom': align('bottom'),
    'align-row': align('row'),
    'align-column': align('column'),
    tidy: {
      title: 'Tidy up the workflow',
      keys: ['Shift+T'],
      isEnabled: canEdit && !facts.isEmpty,
      run: () => report(tidy(), 'The layout could not be computed'),
    },
  });
}
