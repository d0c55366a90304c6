import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useIsReadOnly, useKnownInputs, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { readTimestamp, timestampExamples } from '../../../core/node-type/timestamp.ts';
import { Field, TextInput } from '../../../web/ui/Field.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { Slider } from '../../../web/ui/Slider.tsx';
import { useVideoLength } from '../../../web/ui/use-video-length.ts';
import { playerTimeOf, secondsOf, timestampAt } from './scrub.ts';

/** See `extractFrameEditor`. */
export function ExtractFrameEditor({ nodeId }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const inputs = useKnownInputs(nodeId);
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const timestamp = typeof data['timestamp'] === 'string' ? data['timestamp'] : '0';
  const url = mediaUrlOf(inputs['video_url']);
  const [playerLength, setPlayerLength] = useState<number | null>(null);
  const durationS = useVideoLength(inputs['video_url'], url, playerLength);
  const { at, problem } = readTimestamp(timestamp);
  const seconds = at === null || durationS === null ? null : secondsOf(at, durationS);
  const isPastEnd = durationS !== null && seconds !== null && seconds > durationS + 0.001;
  const error = problem?.message ?? (isPastEnd ? `The video is ${durationS.toFixed(1)} s long.` : undefined);
  return (
    <div className="flex flex-col gap-2">
      {url === null ? (
        <p className="flex h-51 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
          Connect a video to pick a frame.
        </p>
      ) : (
        <Scrubber
          key={url}
          url={url}
          seconds={seconds}
          durationS={durationS}
          isReadOnly={isReadOnly}
          onLength={setPlayerLength}
          onScrub={(next) => update({ timestamp: timestampAt(next, durationS ?? 0, timestamp) })}
        />
      )}
      <Field label="Timestamp" error={error}>
        {({ id, describedBy, isInvalid }) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={timestamp}
            disabled={isReadOnly}
            placeholder={timestampExamples}
            onChange={(event) => update({ timestamp: event.target.value })}
            className="h-7 text-xs"
          />
        )}
      </Field>
    </div>
  );
}

interface ScrubberProps {
  url: string;
  seconds: number | null;
  durationS: number | null;
  isReadOnly: boolean;
  /** What the player says, whatever that is. */
  onLength(seconds: number): void;
  onScrub(seconds: number): void;
}

/** The video, held at the chosen moment. */
function Scrubber({ url, seconds, durationS, isReadOnly, onLength, onScrub }: ScrubberProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [isBroken, setIsBroken] = useState(false);
  /** The time of the first picture on the file's own clock, which is the player's; null until it has been shown. */
  const [clockStartS, setClockStartS] = useState<number | null>(null);
  useEffect(() => {
    const player = video.current;
    if (player === null || seconds === null || durationS === null || clockStartS === null) return;
    player.currentTime = playerTimeOf(seconds, durationS, clockStartS);
  }, [seconds, durationS, clockStartS]);
  /**
   * Only the first picture itself says when it is shown, and a browser tells of it once: it is asked for before the player
   * has its file. An element that has one when it is made may show it before it stands on the page, where editors come late.
   */
  useLayoutEffect(() => {
    const player = video.current;
    if (player === null) return;
    const canTell = 'requestVideoFrameCallback' in player;
    const asked = canTell
      ? player.requestVideoFrameCallback((_now, { mediaTime }) => {
          setClockStartS(mediaTime);
          onLength(player.duration - mediaTime);
        })
      : 0;
    player.src = url;
    return () => {
      if (canTell) player.cancelVideoFrameCallback(asked);
    };
  }, [url, onLength]);
  const length = durationS ?? 1;
  if (isBroken) {
    return (
      <p className="flex h-51 items-center rounded-md bg-field p-3 text-xs text-muted">
        This browser cannot play the video. The timestamp still works.
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <video
        ref={video}
        muted
        playsInline
        preload="auto"
        aria-label="Video to extract a frame from"
        onLoadedMetadata={(event) => {
          // A browser that cannot tell is taken to start at 0.
          const player: HTMLMediaElement = event.currentTarget;
          if ('requestVideoFrameCallback' in player) return;
          setClockStartS(0);
          onLength(player.duration);
        }}
        onDurationChange={(event) => {
          if (clockStartS !== null) onLength(event.currentTarget.duration - clockStartS);
        }}
        onError={() => setIsBroken(true)}
        className="h-44 w-full rounded-md bg-field"
      />
      <Slider
        label="Frame position"
        value={Math.min(seconds ?? 0, length)}
        min={0}
        max={length}
        step={0.04}
        disabled={isReadOnly || durationS === null}
        onChange={onScrub}
      />
    </div>
  );
}
