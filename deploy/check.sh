#!/usr/bin/env bash
# Checks what is deployed beside the code: alert rules with their tests, and the compose file against its schema.
set -euo pipefail
cd "$(dirname "$0")/.."

promtool check rules deploy/prometheus/rules.yml
promtool test rules deploy/prometheus/rules.test.yml

# docker-compose reads and checks the file against the compose schema without an engine.
PUBLIC_URL=https://scim.example.com docker-compose --file docker-compose.yml config --quiet
if PUBLIC_URL=https://scim.example.com docker-compose --file <(sed 's/read_only: true/read_only: maybe/' docker-compose.yml) \
  config --quiet 2>/dev/null; then
  echo 'The check of docker-compose.yml does not check'
  exit 1
fi
echo 'docker-compose.yml follows the compose schema'
