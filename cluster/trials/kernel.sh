#!/bin/sh
# In place of `simages grid task DIR N`: notes that it was started, takes its time (DIR/seconds), and writes its part.
set -eu
[ "$1 $2" = "grid task" ]
echo "$4" >> "$3/started"
sleep "$(cat "$3/seconds")"
echo "$4" > "$3/.part.$4.$$"
mv "$3/.part.$4.$$" "$3/part.$4"
