#!/bin/sh
# A Covey agent in POSIX shell, without jq: it tells the time, the load, and how often it was asked.
#
# Try it by hand:
#
#     echo '{"jsonrpc":"2.0","method":"uptime","id":1}' | sh agent.sh

asked=0

# The number after "id":, and the text after "method":. Covey writes each message on one line and
# the id last, so that an "id" within the parameters is not taken for it.
field_id() { printf '%s\n' "$1" | sed -n 's/.*"id":\([0-9][0-9]*\)}$/\1/p'; }
field_method() { printf '%s\n' "$1" | sed -n 's/^{"jsonrpc":"2.0","method":"\([^"]*\)".*/\1/p'; }

# Puts what it reads into a JSON text: backslashes and quotes escaped, lines joined by spaces.
quote() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | tr '\t\n' '  ' | sed -e 's/ *$//' -e 's/.*/"&"/'; }

answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":%s}}\n' "$1" "$2" "$3"; }

# Standard error is the log: `covey agent logs` shows it.
echo "agent ${COVEY_AGENT:-by hand} began" >&2

while IFS= read -r line; do
    id=$(field_id "$line")
    method=$(field_method "$line")
    if [ -z "$id" ]; then
        # A notification: no answer. Covey says `shutdown` before it closes the input.
        [ "$method" = shutdown ] && break
        continue
    fi
    asked=$((asked + 1))
    case $method in
        initialize) asked=0; answer "$id" '{}' ;;
        time)       answer "$id" "$(date -u +%Y-%m-%dT%H:%M:%SZ | quote)" ;;
        uptime)     answer "$id" "$(uptime | quote)" ;;
        asked)      answer "$id" "$asked" ;;
        crash)      echo "about to fail, as asked" >&2; exit 3 ;;
        *)          refuse "$id" -32601 "$(printf 'there is no method %s' "$method" | quote)" ;;
    esac
done

echo "goodbye after $asked questions" >&2
