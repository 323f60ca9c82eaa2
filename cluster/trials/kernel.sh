#!/bin/sh
# Stands in for `simages grid task DIR N`: records its start, sleeps for the time in DIR/seconds, and writes its part.
set -eu
[ "$1 $2" = "grid task" ]
echo "$4" >> "$3/started"
sleep "$(cat "$3/seconds")"
echo "$4" > "$3/.part.$4.$$"
mv "$3/.part.$4.$$" "$3/part.$4"
