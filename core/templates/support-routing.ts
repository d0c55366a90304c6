import { asked, edge, node, note, result, templateModel, type Template } from './template.ts';

/** A model says what a message is about; a switch routes it; what nobody can answer goes to a person, also where the model fails. */
export const supportRouting: Template = {
  id: 'support-routing',
  title: 'Support messages, routed',
  description: 'A model says what a customer wants, a switch takes that way, and the right reply is written.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('message', 'text', 0, 100, {
        label: 'Customer message',
        text: 'Hello, the blue teapot I ordered arrived with a crack. I would like my money back, please. Anna',
        ...asked('message', 'Customer message'),
      }),
      node('topic', 'llm', 332, 0, {
        label: 'What it is about',
        model: templateModel,
        systemPrompt: 'Say what this customer wants in one word: refund, problem or other.',
        temperature: 0,
      }),
      note(
        'how',
        0,
        300,
        264,
        232,
        'Run it, then change the message and run again.\n\nOnly the way that fits is taken; the others stay gray. Where the model cannot answer, its error leads to a person.',
      ),
      node('route', 'switch', 664, 0, {
        label: 'Route',
        cases: [
          { id: 'refund', label: 'Refund', operator: 'matches', operand: '(?i)refund' },
          { id: 'problem', label: 'Problem', operator: 'matches', operand: '(?i)problem' },
        ],
      }),
      node('refund-brief', 'template', 996, -400, {
        label: 'Refund brief',
        template:
          'Write a short, kind reply to this customer. Say that the money is back within five days.\n\nTopic: {{topic}}\n\n{{message}}',
      }),
      node('problem-brief', 'template', 996, 100, {
        label: 'Problem brief',
        template: 'Write a short, kind reply to this customer. Ask for a photo.\n\nTopic: {{topic}}\n\n{{message}}',
      }),
      node('unclear', 'merge', 996, 600, { label: 'Not clear, or failed' }),
      node('refund-reply', 'llm', 1328, -400, { label: 'Refund reply', model: templateModel, temperature: 0.4 }),
      node('problem-reply', 'llm', 1328, 100, { label: 'Problem reply', model: templateModel, temperature: 0.4 }),
      node('for-a-person', 'template', 1328, 600, {
        label: 'For a person',
        template: 'Please answer this customer yourself.\n\n{{message}}\n\nThe model said: {{reason | json}}',
      }),
      node('reply', 'merge', 1660, 100, { label: 'Reply' }),
      result('reply', 2000, 100, 'Reply'),
    ],
    edges: [
      edge('message.output -> topic.user_message'),
      edge('topic.output -> route.value'),
      edge('route.refund -> refund-brief.topic'),
      edge('message.output -> refund-brief.message'),
      edge('route.problem -> problem-brief.topic'),
      edge('message.output -> problem-brief.message'),
      edge('route.else -> unclear.values'),
      edge('topic.error -> unclear.values'),
      edge('unclear.output -> for-a-person.reason'),
      edge('message.output -> for-a-person.message'),
      edge('refund-brief.output -> refund-reply.user_message'),
      edge('problem-brief.output -> problem-reply.user_message'),
      edge('refund-reply.output -> reply.values'),
      edge('problem-reply.output -> reply.values'),
      edge('for-a-person.output -> reply.values'),
      edge('reply.output -> result-reply.value'),
    ],
  },
};
