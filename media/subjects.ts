import type { ErrorCode } from '../core/errors/codes.ts';

/** What ffmpeg and ffprobe look at: what may be in it, and what is said where something is wrong. */
export interface MediaSubject {
  /** In sentences to people: `video`. */
  readonly noun: string;
  /** Readers of ffmpeg that may open it; all others stay shut, so that a playlist posing as a file opens nothing. */
  readonly demuxers: string;
  /** A format to save it in. */
  readonly example: string;
  readonly unreadable: ErrorCode;
  readonly tooLarge: ErrorCode;
}

/** `mov` covers MP4 and QuickTime, `matroska` covers WebM. */
export const videoSubject: MediaSubject = {
  noun: 'video',
  demuxers: 'mov,matroska,avi',
  example: 'MP4',
  unreadable: 'VIDEO_UNREADABLE',
  tooLarge: 'VIDEO_TOO_LARGE',
};

/** Sound alone. */
export const audioSubject: MediaSubject = {
  noun: 'audio file',
  demuxers: 'mov,matroska,mp3,aac,ogg,flac,wav,aiff,caf,w64',
  example: 'MP3',
  unreadable: 'AUDIO_UNREADABLE',
  tooLarge: 'AUDIO_TOO_LONG',
};

/** A picture of our own that goes back into ffmpeg, such as a palette. */
export const pngSubject: MediaSubject = {
  noun: 'image',
  demuxers: 'png_pipe',
  example: 'PNG',
  unreadable: 'IMAGE_UNREADABLE',
  tooLarge: 'IMAGE_TOO_MANY_PIXELS',
};

/** A list of MP4 files of our own that go back into ffmpeg, one after the other. */
export const listSubject: MediaSubject = { ...videoSubject, demuxers: 'concat,mov' };

/** Subtitles of our own that go into ffmpeg. */
export const srtSubject: MediaSubject = {
  noun: 'subtitle file',
  demuxers: 'srt',
  example: 'SRT',
  unreadable: 'NODE_DATA_INVALID',
  tooLarge: 'FILE_TOO_LARGE',
};
