#!/usr/bin/env bash
# ffmpeg (@ffmpeg-installer/linux-x64 4.1.0, and 5.1.9 of Debian 12) loses frames where one picture of a stream has alpha.
#
# Four PNG files of one size, one after the other as `png_pipe` reads them, are four frames, whatever is drawn on them. Where the
# third one has an alpha channel and the others have none, the filters are begun anew in front of it and again behind it, without
# a word at `-v error`: those that count begin at 0 each time, and those that keep a frame back (`fps`) lose it. So the fourth
# picture is not to be had by its number, "the first one" is given three times, and `fps`, at the very rate that the stream has,
# leaves two frames of four. With `format=rgba` written by whoever makes the files, all of it is right. Seen on Linux x64:
#
#   null: 4 of 4 with alpha in one, 4 of 4 without
#   select='eq(n,3)': 0 of 1 with alpha in one, 1 of 1 without
#   select='eq(n,0)': 3 of 1 with alpha in one, 1 of 1 without
#   fps=10: 2 of 4 with alpha in one, 4 of 4 without
#
# Fails where a version answers otherwise. Needs Linux on x64, npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --save-exact @ffmpeg-installer/linux-x64@4.1.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
picture() { "$ffmpeg" -nostdin -v error -f lavfi -i color=c=red:s=16x16:d=1 -frames:v 1 -pix_fmt "$1" -c:v png -f image2pipe -; }
for format in rgb24 rgb24 rgba rgb24; do picture "$format" >> mixed; picture rgb24 >> plain; done
frames() {
  local out
  out=$("$ffmpeg" -nostdin -v info -f png_pipe -framerate 10 -i "$1" -vf "$2" -vsync 0 -f null - 2>&1)
  grep -o 'frame= *[0-9]*' <<< "$out" | tail -1 | grep -o '[0-9]*$'
}
seen=''
while read -r filter right; do
  line="$filter: $(frames mixed "$filter") of $right with alpha in one, $(frames plain "$filter") of $right without"
  echo "$line"
  seen+="$line;"
done <<'LIST'
null 4
select='eq(n,3)' 1
select='eq(n,0)' 1
fps=10 4
LIST
expected="null: 4 of 4 with alpha in one, 4 of 4 without;"
expected+="select='eq(n,3)': 0 of 1 with alpha in one, 1 of 1 without;"
expected+="select='eq(n,0)': 3 of 1 with alpha in one, 1 of 1 without;"
expected+="fps=10: 2 of 4 with alpha in one, 4 of 4 without;"
[ "$seen" = "$expected" ]
