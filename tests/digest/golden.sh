#!/bin/sh
# golden.sh <expected digest file> <command...>: the command must print the pinned digest.
expected=$(cat "$1"); shift
actual=$("$@") || exit 1
echo "expected $expected"
echo "actual   $actual"
[ "$actual" = "$expected" ]
