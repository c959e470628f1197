# Sourced by ./run, ./test and ./kiestoon: where things are, Debian's packages, the virtual environment.
# No more than what is needed before Python can take over.
set -euo pipefail

SERVICE_USER=kiestoon
PACKAGES=(kamailio kamailio-python3-modules kamailio-tls-modules kamailio-websocket-modules
  kamailio-extra-modules kamailio-sqlite-modules kamailio-utils-modules rtpengine-daemon postgresql-15
  python3-venv espeak-ng libxml2-utils)
TEST_PACKAGES=(sip-tester baresip tshark iproute2 gettext chromium libatomic1 curl)

say() { printf '%s\n' "$*"; }
die() { printf 'kiestoon: %s\n' "$*" >&2; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Runs a command as the service user with a clean environment (as ourselves when we are not root).
as_service() {
  local keep=(KIESTOON_STATE="$KIESTOON_STATE" KIESTOON_RUN="$KIESTOON_RUN" KIESTOON_APP="$KIESTOON_APP"
    PATH="$VENV/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" LANG=C.UTF-8 PYTHONUNBUFFERED=1)
  local name
  for name in $(compgen -v KIESTOON_); do
    case $name in KIESTOON_STATE|KIESTOON_RUN|KIESTOON_APP) ;; *) keep+=("$name=${!name}") ;; esac
  done
  cd "$KIESTOON_APP"
  if is_root; then
    exec setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --init-groups \
      env -i HOME="$KIESTOON_STATE" USER="$SERVICE_USER" "${keep[@]}" "$@"
  fi
  exec env HOME="${HOME:-$KIESTOON_STATE}" "${keep[@]}" "$@"
}

# Can the service user use this path? usage: reaches FLAG PATH
reaches() {
  if is_root; then
    setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --init-groups test "$1" "$2" 2>/dev/null
  else
    test "$1" "$2"
  fi
}

# Sets KIESTOON_STATE, KIESTOON_RUN, KIESTOON_APP and VENV; what the environment says wins.
locate() {
  KIESTOON_APP=$ROOT
  if is_root; then
    getent passwd "$SERVICE_USER" >/dev/null || return 1
    if ! reaches -r "$ROOT/src/kiestoon/__init__.py"; then
      KIESTOON_APP=/var/lib/kiestoon/app
      : "${KIESTOON_STATE:=/var/lib/kiestoon}"
    fi
    : "${KIESTOON_RUN:=/run/kiestoon}"
  else
    : "${KIESTOON_RUN:=${XDG_RUNTIME_DIR:-/tmp}/kiestoon-$(id -u)}"
  fi
  : "${KIESTOON_STATE:=$ROOT/var}"
  VENV=$KIESTOON_APP/.venv
  # The copy of an unreachable checkout has its environment beside it, also when it is what starts us (./test).
  if [ "$KIESTOON_APP" = /var/lib/kiestoon/app ]; then VENV=/var/lib/kiestoon/venv; fi
  if ! is_root && [ ! -x "$VENV/bin/python" ] && [ ! -w "$ROOT" ]; then VENV=$KIESTOON_STATE/venv; fi
  export KIESTOON_STATE KIESTOON_RUN KIESTOON_APP VENV
}

missing_packages() {
  local present name
  present=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true) "
  for name in "$@"; do
    case $present in *" installed:$name "*) ;; *) printf '%s ' "$name" ;; esac
  done
}

# Installs Debian packages: no recommended ones, no service started, no default PostgreSQL cluster.
install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  grep -qs '^VERSION_ID="12"' /etc/os-release || die "this needs Debian 12; /etc/os-release says otherwise"
  is_root || die "these Debian packages are missing: ${missing}- run once as root: apt-get install --no-install-recommends $missing"
  say "· Debian packages: $missing"
  (
    policy=/usr/sbin/policy-rc.d cluster=/etc/postgresql-common/createcluster.conf
    restore() {
      rm -f "$policy" "$cluster"
      [ ! -e "$policy.kiestoon" ] || mv "$policy.kiestoon" "$policy"
      if [ -e "$cluster.kiestoon" ]; then mv "$cluster.kiestoon" "$cluster"
      elif [ -e /usr/share/postgresql-common/createcluster.conf ]; then
        cp /usr/share/postgresql-common/createcluster.conf "$cluster"
      fi
    }
    trap restore EXIT
    [ ! -e "$policy" ] || mv "$policy" "$policy.kiestoon"
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    mkdir -p "${cluster%/*}"
    [ ! -e "$cluster" ] || mv "$cluster" "$cluster.kiestoon"
    printf 'create_main_cluster = false\n' >"$cluster"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 </dev/null \
      || { tail -20 "$log" >&2; die "apt-get failed (all of it: $log); try: apt-get install --no-install-recommends $missing"; }
    rm -f "$log"
  )
}

# The system user, made if absent; only when root starts us.
make_user() {
  is_root || return 0
  getent passwd "$SERVICE_USER" >/dev/null && return 0
  say "· system user $SERVICE_USER"
  useradd --system --user-group --no-create-home --home-dir /var/lib/kiestoon --shell /usr/sbin/nologin "$SERVICE_USER"
}

# A copy of the source where the service user can read it, when the checkout is not such a place.
place_source() {
  [ "$KIESTOON_APP" != "$ROOT" ] || return 0
  install -d -m 755 /var/lib/kiestoon
  rm -rf "$KIESTOON_APP.new"
  mkdir -p "$KIESTOON_APP.new"
  tar -C "$ROOT" --exclude=.git --exclude=.venv --exclude=./var --exclude=node_modules --exclude='.*_cache' \
    --exclude=__pycache__ -cf - . | tar -C "$KIESTOON_APP.new" --no-same-owner -xf -
  chmod -R a+rX "$KIESTOON_APP.new"
  rm -rf "$KIESTOON_APP" && mv "$KIESTOON_APP.new" "$KIESTOON_APP"
}

# The virtual environment of /usr/bin/python3 (which Kamailio embeds), made anew when the lock changes.
make_venv() {
  local want stamp=$VENV/.lock-hash
  want=$(sha256sum <"$ROOT/requirements.lock"; echo "$KIESTOON_APP")
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  say "· Python packages into $VENV"
  mkdir -p "${VENV%/*}"
  /usr/bin/python3 -m venv --clear "$VENV" || die "cannot make $VENV: is python3-venv installed, and the folder writable?"
  "$VENV/bin/pip" install -qq --disable-pip-version-check --require-hashes -r "$ROOT/requirements.lock" \
    || die "pip could not install requirements.lock; see above"
  echo "$KIESTOON_APP/src" >"$("$VENV/bin/python" -c 'import site; print(site.getsitepackages()[0])')/kiestoon.pth"
  chmod -R a+rX "$VENV"
  printf '%s\n' "$want" >"$stamp"
}

# The softphone's bundle into the virtual environment, whose Node.js (from PyPI) builds it: Debian's npm is
# 339 packages. Made anew when its sources or the environment change; ./test checks its types where it was built.
build_softphone() {
  local want target=$VENV/share/kiestoon/softphone work=$VENV/share/kiestoon/softphone.build
  local stamp=$target.hash log
  want=$(cd "$ROOT/softphone" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 \
    | sort -z | xargs -0 sha256sum | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  say "· softphone"
  rm -rf "$work" "$target" "$stamp"
  mkdir -p "$work"
  tar -C "$ROOT/softphone" --exclude=./node_modules --exclude=./dist -cf - . | tar -C "$work" --no-same-owner -xf -
  log=$(mktemp)
  (
    cd "$work"
    PATH=$VENV/bin:$PATH
    npm ci --ignore-scripts --no-update-notifier --loglevel=error && npm run build -- "$target"
  ) >"$log" 2>&1 </dev/null || {
    tail -20 "$log" >&2
    die "the softphone could not be built (all of it: $log): npm needs its registry, as pip does; try again when it answers"
  }
  rm -f "$log"
  chmod -R a+rX "$VENV/share"
  printf '%s\n' "$want" >"$stamp"
}

# State and sockets: folders that belong to the service user, the sockets' with mode 0700.
make_folders() {
  local owner=() folder
  if is_root; then owner=(-o "$SERVICE_USER" -g "$SERVICE_USER"); fi
  if [ -L "$KIESTOON_RUN" ] || { [ -d "$KIESTOON_RUN" ] && ! is_root && [ ! -O "$KIESTOON_RUN" ]; }; then
    die "$KIESTOON_RUN is not ours: remove it, or set KIESTOON_RUN to another short path"
  fi
  for folder in "$KIESTOON_STATE" "$KIESTOON_RUN"; do
    install -d "${owner[@]}" -m "$([ "$folder" = "$KIESTOON_RUN" ] && echo 700 || echo 755)" "$folder"
  done
  reaches -w "$KIESTOON_STATE" || die "$KIESTOON_STATE cannot be reached and written: set KIESTOON_STATE to another folder"
  [ "${#KIESTOON_RUN}" -le 60 ] || die "KIESTOON_RUN is too long for a Unix socket: $KIESTOON_RUN"
}

# Everything before Python. usage: prepare PACKAGE...
prepare() {
  install_packages "$@"
  make_user
  locate
  place_source
  make_venv
  build_softphone
  make_folders
}
