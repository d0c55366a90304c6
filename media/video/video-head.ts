import { z } from 'zod';

/*
 * What ffprobe is asked about a video without decoding it, and what it answers.
 * Times are in seconds on the file's own clock.
 */

const optionalSeconds = z.coerce.number().nullable().catch(null).default(null);
const text = z.string().catch('').default('');
const whole = z.coerce.number().int().nullable().catch(null).default(null);
const flag = z.coerce.number().catch(0).default(0);

const streamSchema = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  width: z.number().catch(0).default(0),
  height: z.number().catch(0).default(0),
  sample_aspect_ratio: text,
  pix_fmt: text,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  start_time: optionalSeconds,
  duration: optionalSeconds,
  nb_frames: whole,
  disposition: z.object({ default: flag, attached_pic: flag, timed_thumbnails: flag }).prefault({}),
  tags: z.object({ rotate: optionalSeconds, enc_key_id: text }).prefault({}),
  side_data_list: z
    .array(z.object({ displaymatrix: text, dv_profile: whole, dv_bl_signal_compatibility_id: whole }))
    .catch([])
    .default([]),
});

/** A track as ffprobe tells of it. */
export type Stream = z.output<typeof streamSchema>;

/** What ffprobe answers to `showHead`; what a file does not say is null or empty. */
export const headSchema = z.object({
  format: z.object({
    format_name: text,
    start_time: optionalSeconds,
    duration: optionalSeconds,
    nb_streams: z.number().catch(0).default(0),
  }),
  streams: z.array(streamSchema).default([]),
  packets: z
    .array(
      z.object({
        stream_index: z.number().int().catch(-1),
        pts_time: optionalSeconds,
        dts_time: optionalSeconds,
        duration_time: optionalSeconds,
        size: text,
        flags: text,
        side_data_list: z
          .array(z.object({ side_data_type: text }))
          .catch([])
          .default([]),
      }),
    )
    .default([]),
});

/** Packets at the beginning that come with the head: enough to see when the first picture is shown, and all of a short clip. */
export const headPackets = 128;

/**
 * Options of ffprobe that list what videoInfo and describeFilm read, and no tag of any length: one question, so that a file
 * is looked at once.
 */
export const showHead: readonly string[] = [
  '-show_entries',
  [
    'format=format_name,start_time,duration,nb_streams,bit_rate',
    'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,' +
      'color_transfer,color_primaries,start_time,duration,nb_frames,' +
      'profile,has_b_frames,avg_frame_rate,r_frame_rate,sample_rate,channels,bit_rate',
    'stream_disposition=default,attached_pic,timed_thumbnails',
    'stream_tags=rotate,enc_key_id,language',
    'stream_side_data',
    'packet=stream_index,pts_time,dts_time,duration_time,size,flags',
    'packet_side_data=side_data_type',
  ].join(':'),
  '-read_intervals',
  `%+#${headPackets}`,
];

/** Options of ffprobe that list the packets of one stream for readPacket, in an interval such as `10%20`; `%` is all. */
export function showPackets(streamIndex: number, interval: string): string[] {
  return [
    '-select_streams',
    String(streamIndex),
    '-show_entries',
    'packet=pts_time,dts_time,duration_time,size,flags',
    ...(interval === '%' ? [] : ['-read_intervals', interval]),
  ];
}
