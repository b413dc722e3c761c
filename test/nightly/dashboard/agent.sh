# A stand-in of Claude Code. Each call takes some seconds and memory, writes a file, and reports its cost.
prompt=$(cat)
[ -e "$BOX/outage" ] && {
  echo '{"type":"system","subtype":"api_retry","attempt":1,"max_retries":1,"retry_delay_ms":1,"error_status":529,"error":"overloaded"}'
  exit 1
}
[[ "$prompt" =~ prompt-([0-9]+) ]] || { echo '{"type":"assistant","message":{"content":[{"type":"text","text":"Hello"}]}}'; exit 0; }
number=${BASH_REMATCH[1]}
echo iteration >> count
n=$(wc -l < count)
# The same on each recording.
draw=$(( (number * 7919 + n * 104729) % 1000 ))
mb=$(( 150 + draw / 3 ))
head -c ${mb}M /dev/zero | tail -c ${mb}M | (sleep $((1 + draw % 4)).$((draw % 10)); wc -c >/dev/null)
timeout 0.$((2 + draw % 5)) sh -c 'while :; do :; done'
head -c $((2 + draw % 9))M /dev/zero > "build-$n"
[ $((draw % 7)) -eq 0 ] && exit 3
echo '{"type":"assistant","message":{"content":[{"type":"text","text":"Working."}]}}'
echo "{\"duration_ms\":1,\"type\":\"result\",\"total_cost_usd\":0.$((100 + draw % 700)),\"usage\":{\"input_tokens\":$((800 + draw * 3)),\"output_tokens\":$((2000 + draw * 9)),\"cache_read_input_tokens\":$((20000 + draw * 41)),\"cache_creation_input_tokens\":$((4000 + draw * 11))}}"
[ $((number % 9)) -eq 4 ] && exit 3 # one that never succeeds
"$RALPH_BIN" emit part.done "part $n" >/dev/null
[ "$n" -lt $((2 + number % 4)) ] || echo '{"type":"assistant","message":{"content":[{"type":"text","text":"LOOP_COMPLETE"}]}}'
