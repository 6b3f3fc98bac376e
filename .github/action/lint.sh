#!/usr/bin/env bash
# Runs frugix with the words of FRUGIX_ARGS, which are split at blanks and mean nothing else to the shell.
set -euo pipefail

read -r -a arguments <<<"${FRUGIX_ARGS//$'\n'/ }" || true
if [ -n "${FRUGIX_OUTPUT_FILE:-}" ]; then
  arguments+=(--output-file "$FRUGIX_OUTPUT_FILE")
fi
exec frugix lint ${arguments[@]+"${arguments[@]}"}
