// A model that writes, as OpenAI's endpoint does: it says what each journey needs, a piece at a time. Prints its port.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What it answers: whether it does is decided by what it is told to be. */
function answerOf(messages) {
  const rules = messages[0].content;
  const asked = messages.at(-1).content;
  if (rules.startsWith('You sum up')) return ['- Asked: the badge reader ', 'is dark.\n- Tried: another badge.\n', '- Next: a look at its cable.'];
  if (rules.startsWith('You draft the next reply')) return ['Hello,\n\nplease hold ', 'your badge to the reader for three seconds.'];
  if (rules.startsWith('You translate')) return ['Das Lesegerät ', 'ist dunkel.'];
  if (rules.startsWith('You draft an article')) return ['## What happens\n\nThe reader is dark.\n\n', '## What helps\n\n1. Look at its cable.'];
  if (asked.includes('lunar')) return ['NO_', 'ANSWER'];
  return ['Hold the power button ', 'for **ten seconds**', ' and start it again [1].'];
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choices, usage) => response.write(`data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices, usage })}\n\n`);
  for (const content of answerOf(JSON.parse(body).messages)) {
    send([{ index: 0, delta: { content }, finish_reason: null }], null);
    await pause(250);
  }
  send([], { prompt_tokens: 120, completion_tokens: 20, total_tokens: 140 });
  response.end('data: [DONE]\n\n');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
