#!/usr/bin/env bash
# ffmpeg (@ffmpeg-installer/linux-x64 4.1.0) undoes a change of speed where the frame rate is set after it.
#
# `setpts=PTS/2` plays a clip of 4 s in 2 s, and `fps=25` behind it should leave that at 25 frames a second: 50 frames. This
# build, of 2018, writes 100 frames in 4 s: the pictures move twice as fast, then the last one stands for two seconds. `fps`
# fills up to the time at which its input ends, and `setpts` changes the times of frames, not that one. The other way, slowed
# down to 8 s, the end comes too early: 198 frames of 200. Without `fps` the length is right. ffmpeg 5.1.9 of Debian 12 writes
# 50 and 200 frames. Seen on Linux x64:
#
#   setpts=PTS/2,fps=25: 100 frames, 4.00 s
#   setpts=PTS*2,fps=25: 198 frames, 7.92 s
#
# Fails where a version answers otherwise. Needs Linux on x64, npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --save-exact @ffmpeg-installer/linux-x64@4.1.0 @ffprobe-installer/linux-x64@5.2.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
seen=''
for filters in setpts=PTS/2,fps=25 'setpts=PTS*2,fps=25'; do
  "$ffmpeg" -nostdin -v error -y -f lavfi -i testsrc=r=25:d=4:s=64x48 -vf "$filters" -c:v libx264 clip.mp4
  counted=$("$ffprobe" -v error -count_frames -select_streams v -show_entries stream=nb_read_frames,duration -of csv=p=0 clip.mp4)
  line=$(printf '%s: %s frames, %.2f s' "$filters" "${counted#*,}" "${counted%,*}")
  echo "$line"
  seen+="$line;"
done
[ "$seen" = 'setpts=PTS/2,fps=25: 100 frames, 4.00 s;setpts=PTS*2,fps=25: 198 frames, 7.92 s;' ]
