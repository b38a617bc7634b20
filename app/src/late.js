// A page that is whole without the program: it is fetched when someone begins to write, opens something or drags a file
// here. Until then the page is loaded again when the desk tells that something changed.
let begun = false;
let stream;

function begin() {
  if (begun) return;
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
