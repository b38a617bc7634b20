// A page that is whole without the program: it is fetched when someone begins to write, opens something or drags a file
// here. Until then the page is loaded again when the desk tells that something changed.
let begun = false;
let stream;

function begin() {
  if (begun || document.querySelector('[data-plain]')) return;
  begun = true;
  stream?.close();
  // What happens before the program listens is asked for once it does.
  document.body.dataset.late = '';
  import(SCRIPT).then((page) => page.default({ module_or_path: PROGRAM }).then(() => page.hydrate()));
}

const FIELDS = 'main :is(input, textarea, select)';
addEventListener('focusin', (event) => event.target.matches?.(FIELDS) && begin());
addEventListener('toggle', begin, true);
addEventListener('dragenter', begin);
addEventListener('submit', () => stream?.close());
// Where what is asked hangs on what is answered, it is needed at once.
if (document.querySelector('main [data-begin]') || document.activeElement?.matches(FIELDS)) begin();

if (!begun && document.querySelector('.portal__me') && location.pathname.startsWith('/portal/requests')) {
  let waiting;
  const again = () => { waiting ??= setTimeout(() => begun || location.reload(), 120); };
  stream = new EventSource('/events');
  for (const name of ['change', 'refresh']) stream.addEventListener(name, again);
  stream.addEventListener('ready', () => { document.body.dataset.live = 'ready'; });
}

// An answer that is being written: its text as it comes, then as the desk shows it.
for (const place of document.querySelectorAll('[data-answer]')) {
  const answer = new EventSource(place.dataset.answer);
  const text = place.firstElementChild;
  let begun = false;
  answer.addEventListener('piece', (event) => {
    if (!begun) text.textContent = '';
    begun = true;
    text.textContent += JSON.parse(event.data);
  });
  answer.addEventListener('done', () => { answer.close(); location.reload(); });
  // Another window has it written, or the line broke: soon it is there.
  answer.addEventListener('elsewhere', () => { answer.close(); setTimeout(() => location.reload(), 3000); });
  answer.addEventListener('error', () => { answer.close(); setTimeout(() => location.reload(), 5000); });
}
