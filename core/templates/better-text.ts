import { asked, edge, node, note, templateModel, type Template } from './template.ts';

/** A loop: each lap rewrites what the one before it gave, until a check says that it is good, or four laps are over. */
export const betterText: Template = {
  id: 'better-text',
  title: 'A text, improved until it is good',
  description:
    'A model rewrites a text lap by lap. A second one checks each version, and ends the loop when it is good.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('first', 'text', 0, 60, {
        label: 'First version',
        ...asked('text', 'First version'),
        text: 'Our new teapot is great. It is blue and very good. It keeps the tea warm for a long time. Everybody should buy it.',
      }),
      note(
        'how',
        0,
        320,
        264,
        232,
        'Everything between "Repeat" and "Until" runs once per lap. Each lap gets the text of the lap before it.\n\nAfter the run, the stack under the loop shows every lap. Change what counts as good in "Good enough?".',
      ),
      node('repeat', 'repeat', 332, 100, { label: 'Repeat', max: 4 }),
      node('rewrite', 'llm', 664, 0, {
        label: 'Rewrite',
        model: templateModel,
        systemPrompt:
          'Improve this product text: fix its weakest point, keep every fact, and invent none. At most 60 words. Answer with the text alone.',
        temperature: 0.7,
      }),
      node('check', 'llm', 996, 0, {
        label: 'Good enough?',
        model: templateModel,
        systemPrompt:
          'You are a strict editor. Is this product text ready to print? It has to be concrete, easy to read and free of empty praise.',
        temperature: 0,
        answerAs: 'fields',
        fields: [
          { id: 'good', name: 'good', type: 'boolean', description: 'Whether it is ready to print' },
          { id: 'reason', name: 'reason', type: 'text', description: 'Why, in one sentence' },
        ],
      }),
      node('until', 'until', 1328, 60, { label: 'Until it is good', operator: 'is', operand: 'true' }),
      node('result', 'output', 1660, 60, { label: 'Text', name: 'text' }),
    ],
    edges: [
      edge('first.output -> repeat.value'),
      edge('repeat.output -> rewrite.user_message'),
      edge('rewrite.output -> check.user_message'),
      edge('rewrite.output -> until.value'),
      edge('check.good -> until.check'),
      edge('until.output -> result.value'),
    ],
  },
};
