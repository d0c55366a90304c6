/*
 * What ffmpeg says while it decodes: one line for each picture that passes its
 * showinfo filter, and in between the complaints of the decoder. A decoder
 * hands out damaged pictures all the same, gray or smeared; only its words
 * tell them apart.
 */

/** A picture that ffmpeg showed. */
export interface DecodedPicture {
  /** Presentation time on the file's clock; null where there is none. */
  readonly time: number | null;
  /** Nothing was said against it, nor against what it refers to. */
  readonly isSound: boolean;
}

/** Reads from ffmpeg's log which pictures came out, and which of them were damaged. */
export interface DecodeLog {
  /** Takes one line of ffmpeg's error output, printed with `-v level+info`. */
  add(line: string): void;
  /** Whether decoding began. */
  readonly hasBegun: boolean;
  /** Whether the decoder complained at all. */
  readonly hasComplaints: boolean;
  /** In the order they are shown; the last of them where there are very many. */
  readonly pictures: readonly DecodedPicture[];
}

/** Pictures that are remembered: some minutes. */
const keptPictures = 20_000;

/** Complaints about what does not touch the picture. */
const harmless =
  /mmco|number of reference frames|co located POCs|SEI|illegal short term buffer|deprecated|Increasing reorder buffer|Application provided/i;

/** Said at a lower level than it deserves. */
const concealment = /concealing|Missing reference|Discarding interframe/i;

const pictureLine = /Parsed_showinfo_\S+ @ \S+\] \[info\] n: *\d+ .*?pts_time:(\S+) .*?iskey:(\d)/;
const complaintLine = /\[(?:error|fatal|panic)\]/;
/** `[h264 @ 0x…]` is a decoder or a demuxer; demuxers have their file's format for a name. */
const demuxerLine = /^\[(?:mov|matroska|avi|in#)[^\]]*\] /;
/** What is said of reading the file, not of decoding it. */
const readingLine =
  /^\[error\] .*(?:Invalid data found when processing input|corrupt input packet|Input\/output error)$/;

/** For one run of ffmpeg. */
export function createDecodeLog(): DecodeLog {
  const pictures: DecodedPicture[] = [];
  let hasBegun = false;
  let hasComplaints = false;
  let isDamaged = false;

  return {
    add(line) {
      // Before this, ffmpeg looks at the beginning of all tracks.
      if (line.includes('Stream mapping:')) hasBegun = true;
      if (!hasBegun) return;
      const picture = pictureLine.exec(line);
      if (picture !== null) {
        // A key frame refers to nothing; what was said between it and the picture before may be about either.
        const isFresh = picture[2] === '1';
        const time = Number(picture[1]);
        pictures.push({ time: Number.isFinite(time) ? time : null, isSound: !isDamaged });
        if (pictures.length > keptPictures) pictures.shift();
        if (isFresh) isDamaged = false;
        return;
      }
      const isComplaint = concealment.test(line) || (complaintLine.test(line) && !harmless.test(line));
      if (!isComplaint || demuxerLine.test(line) || isAboutReading(line)) return;
      hasComplaints = true;
      isDamaged = true;
    },
    get hasBegun() {
      return hasBegun;
    },
    get hasComplaints() {
      return hasComplaints;
    },
    pictures,
  };
}

function isAboutReading(line: string): boolean {
  return readingLine.test(line) && !/decod/i.test(line);
}
