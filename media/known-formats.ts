import { takenInWords } from '../core/data-types/files.ts';

/** What a file is called that is not taken, and what to do with it. */
interface KnownFormat {
  readonly name: string;
  readonly advice: string;
}

const toJpeg = 'Convert it to JPEG';
const toPng = 'Save it as PNG';
const toMp4 = 'Convert it to MP4';

const known = (name: string, advice: string): KnownFormat => ({ name, advice });
const raw = known('a raw photo of a camera', 'Develop it to JPEG');
const office = known('a document of an office program', 'Save it as PDF');
const archive = known('an archive', 'Unpack it and upload the files in it');
const audio = known('an audio file of a rare kind', 'Convert it to MP3 or FLAC');
const encoding = 'Save it as UTF-8';

/** By the type that the first bytes show. */
const formats: ReadonlyMap<string, KnownFormat> = new Map([
  ['image/heic', known('a HEIC photo', `${toJpeg}; on an iPhone choose Settings, Camera, Formats, Most Compatible`)],
  ['image/heic-sequence', known('a HEIC series of photos', toJpeg)],
  ['image/heif', known('a HEIF image', toJpeg)],
  ['image/heif-sequence', known('a HEIF image sequence', toJpeg)],
  ['image/jxl', known('a JPEG XL image', `${toJpeg} or PNG`)],
  ['image/jp2', known('a JPEG 2000 image', toJpeg)],
  ['image/jpx', known('a JPEG 2000 image', toJpeg)],
  ['image/jpm', known('a JPEG 2000 image', toJpeg)],
  ['image/j2c', known('a JPEG 2000 image', toJpeg)],
  ['image/jls', known('a JPEG-LS image', toPng)],
  ['image/vnd.ms-photo', known('a JPEG XR image', toJpeg)],
  ['image/tiff', known('a TIFF image', `${toPng}, or as JPEG for a photo`)],
  ['image/bmp', known('a BMP image', toPng)],
  ['image/x-icon', known('an icon file', toPng)],
  ['image/icns', known('an icon file', toPng)],
  ['image/svg+xml', known('an SVG drawing', `${toPng} in the size that you need`)],
  ['image/vnd.adobe.photoshop', known('a Photoshop file', `${toPng} or JPEG`)],
  ['image/x-xcf', known('a GIMP file', 'Export it as PNG or JPEG')],
  ['image/flif', known('a FLIF image', toPng)],
  ['image/bpg', known('a BPG image', toPng)],
  ['image/ktx', known('a texture file', toPng)],
  ['image/vnd.dwg', known('a CAD drawing', toPng)],
  ['image/x-canon-cr2', raw],
  ['image/x-canon-cr3', raw],
  ['image/x-nikon-nef', raw],
  ['image/x-sony-arw', raw],
  ['image/x-adobe-dng', raw],
  ['image/x-panasonic-rw2', raw],
  ['image/x-fujifilm-raf', raw],
  ['image/x-olympus-orf', raw],
  ['application/postscript', known('a PostScript file', toPng)],
  ['application/eps', known('an EPS drawing', toPng)],
  ['application/dicom', known('a DICOM image', toPng)],
  ['application/x-cfb', office],
  ['application/rtf', office],
  ['text/plain; charset=utf-16', known('a text in UTF-16', encoding)],
  ['text/plain; charset=unknown', known('a text that is not UTF-8', encoding)],
  ['application/zip', archive],
  ['application/gzip', archive],
  ['application/x-7z-compressed', archive],
  ['application/x-rar-compressed', archive],
  ['application/x-tar', archive],
  ['application/x-bzip2', archive],
  ['application/x-xz', archive],
  ['application/zstd', archive],
  ['application/xml', known('an XML document', `If it is a drawing: ${toPng.toLowerCase()}`)],
  ['application/x-shockwave-flash', known('a Flash file', toMp4)],
  ['video/x-flv', known('a Flash video', toMp4)],
  ['video/mpeg', known('an MPEG video', toMp4)],
  ['video/mp2p', known('an MPEG program stream', toMp4)],
  ['video/mp2t', known('an MPEG transport stream', toMp4)],
  ['video/ogg', known('an Ogg video', `${toMp4} or WebM`)],
  ['video/3gpp', known('a 3GP video', toMp4)],
  ['video/3gpp2', known('a 3GP video', toMp4)],
  ['video/x-ms-asf', known('a Windows Media video', toMp4)],
  ['application/vnd.ms-asf', known('a Windows Media video', toMp4)],
  ['application/vnd.rn-realmedia', known('a RealMedia video', toMp4)],
  ['application/mxf', known('an MXF video', toMp4)],
]);

/** In words, for a type that is not taken: what the file is and what to do. */
export function refusalOf(type: string): string {
  const format = formats.get(type.toLowerCase()) ?? (type.startsWith('audio/') ? audio : undefined);
  const taken = `${takenInWords()} are accepted`;
  return format === undefined
    ? `Files of type ${type} are not accepted; ${taken}.`
    : `The file is ${format.name}, which is not accepted. ${format.advice}; ${taken}.`;
}
