#!/usr/bin/env bash
# What the action does: install the release, run one command, and leave annotations, a summary and a report.
# Exit codes are the command's own: 0 all is well, 1 the verdict is no, 2 it could not be done.
set -uo pipefail

fail() { echo "::error::$1"; exit 2; }
for name in COMMAND FILES ARCHIVE SHA256; do
  variable="POINTSMAN_$name"
  [ -n "${!variable:-}" ] || fail "the input ${name,,} is missing"
done

home="${RUNNER_TEMP:-$(mktemp -d)}/pointsman"
mkdir -p "$home"
archive="$POINTSMAN_ARCHIVE"
if [[ "$archive" == https://* ]]; then
  curl --fail --silent --show-error --location --proto '=https' --output "$home/pointsman.tar.gz" "$archive" \
    || fail "the archive cannot be downloaded"
  archive="$home/pointsman.tar.gz"
fi
[ -f "$archive" ] || fail "there is no archive $archive"
echo "$POINTSMAN_SHA256  $archive" | sha256sum --check --status || fail "the archive has another digest than sha256 says"
tar -xzf "$archive" -C "$home" --strip-components=1 || fail "the archive cannot be unpacked"
pointsman="$home/bin/pointsman"

# Words are split on purpose: both inputs are lists. No pattern is expanded.
set -f
read -r -a files <<<"$(tr '\n' ' ' <<<"$POINTSMAN_FILES")"
read -r -a arguments <<<"${POINTSMAN_ARGUMENTS:-}"
report="$home/report.md"

case "$POINTSMAN_COMMAND" in
  check)
    "$pointsman" check --json "${arguments[@]}" "${files[@]}" >"$home/findings.ndjson" 2>"$home/errors"
    code=$?
    # One annotation a finding, at its line; the characters that would end it are escaped.
    jq -r '
      def message: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
      def property: message | gsub(":"; "%3A") | gsub(","; "%2C");
      "::\(if .severity == "error" then "error" else "warning" end) "
      + "file=\((.document // "") | property),line=\(.line // 1),col=\(.column // 1),title=\(.code | property)"
      + "::\("\(.message); \(.help)" | message)"' "$home/findings.ndjson" || fail "the findings cannot be read"
    { echo "### pointsman check"; echo
      jq -rs 'def cell: gsub("\\|"; "\\|") | gsub("\n"; " ");
        if length == 0 then "Nothing is wrong."
        else "| where | what | do |", "|---|---|---|",
          (.[] | "| \((.document // "") | cell):\(.line // "") | **\(.severity)** `\(.code)`: \(.message | cell) | \(.help | cell) |") end' \
        "$home/findings.ndjson"
    } >"$report"
    ;;
  drill)
    zones=(); for file in "${files[@]}"; do zones+=(-z "$file"); done
    "$pointsman" drill "${zones[@]}" "${arguments[@]}" >"$home/out" 2>"$home/errors"
    code=$?
    { echo "### pointsman drill"; echo; echo '````text'; cat "$home/out"; echo '````'; } >"$report"
    ;;
  diff)
    [ "${#files[@]}" -ge 2 ] || fail "diff takes the zone before and the zone after"
    { echo "### pointsman diff"; echo; "$pointsman" diff --markdown "${files[@]}" "${arguments[@]}" 2>"$home/errors"; } >"$report"
    code=$?
    ;;
  *) fail "there is no command $POINTSMAN_COMMAND here: check, drill or diff" ;;
esac

cat "$home/errors" >&2
# What could not be done has found nothing, and must not say that nothing is wrong.
[ "$code" -le 1 ] || { echo "### pointsman $POINTSMAN_COMMAND could not be done"; echo; echo '````text'; cat "$home/errors"; echo '````'; } >"$report"
cat "$report"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$report" >>"$GITHUB_STEP_SUMMARY"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "report=$report" >>"$GITHUB_OUTPUT"
[ "$code" -le 1 ] || echo "::error::pointsman $POINTSMAN_COMMAND could not be done; see the log"
exit "$code"
