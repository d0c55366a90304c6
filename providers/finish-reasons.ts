/** What the end of an answer means. */
export type Ending = 'whole' | 'cut' | 'blocked' | 'overloaded' | 'odd';

/*
 * The reasons of OpenAI's format, of servers that use words of their own in it,
 * and of Gemini's. Compared in small letters, up to the first colon: some put a
 * detail behind it.
 */
const whole = new Set(
  'stop stop_sequence end_turn eos eos_token end complete completed done finished tool_calls tool_call tool_use function_call'.split(
    ' ',
  ),
);
const cut = new Set(
  'length max_tokens max_output_tokens max_new_tokens model_length token_limit context_length model_context_window_exceeded error_limit'.split(
    ' ',
  ),
);
const blocked = new Set(
  (
    'content_filter content_filtered safety recitation language blocklist prohibited_content spii image_safety ' +
    'image_prohibited_content image_recitation refusal sensitive guardrail_intervened moderation model_armor error_toxic'
  ).split(' '),
);
const overloaded = new Set(
  'error abort aborted cancelled canceled user_cancel network_error insufficient_system_resource'.split(' '),
);

/** An unknown reason is odd: half an answer is no success. */
export function endingOf(reason: string): Ending {
  const word = (reason.split(':', 1)[0] ?? '').trim().toLowerCase();
  if (whole.has(word)) return 'whole';
  if (cut.has(word)) return 'cut';
  if (blocked.has(word)) return 'blocked';
  return overloaded.has(word) ? 'overloaded' : 'odd';
}
