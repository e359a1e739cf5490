/** EXIF and XMP of tests, laid out by hand: offsets are literal. */

/** A field of a list: tag, type (2: ASCII, 3: SHORT, 4: LONG, 5: RATIONAL), count, value or offset. */
type Row = readonly [tag: number, type: number, count: number, value: number]

function list(rows: readonly Row[], little: boolean, next = 0): Buffer {
  const bytes = Buffer.alloc(2 + rows.length * 12 + 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setUint16(0, rows.length, little)
  for (const [i, [tag, type, count, value]] of rows.entries()) {
    const at = 2 + i * 12
    view.setUint16(at, tag, little)
    view.setUint16(at + 2, type, little)
    view.setUint32(at + 4, count, little)
    if (type === 3 && count === 1) view.setUint16(at + 8, value, little)
    else view.setUint32(at + 8, value, little)
  }
  view.setUint32(bytes.length - 4, next, little)
  return bytes
}

/**
 * Make `Maker1`, orientation 6, 300 dpi; 1/250 s, 640 × 480 pixels, four bytes of maker's notes; 10° 30′ N.
 *
 *     8 main list of 6: 78 bytes  86 make  94 resolution  102 details of 4: 54 bytes  156 exposure  164 notes (8)
 *     172 GPS list of 2: 30 bytes  202 latitude (24)  226 end
 */
export function sampleExif(little = true): Uint8Array {
  const numbers = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4)
    for (const [i, value] of values.entries()) {
      if (little) bytes.writeUInt32LE(value, i * 4)
      else bytes.writeUInt32BE(value, i * 4)
    }
    return bytes
  }
  const main = list(
    [
      [0x010f, 2, 7, 86],
      [0x0112, 3, 1, 6],
      [0x011a, 5, 1, 94],
      [0x0128, 3, 1, 2],
      [0x8769, 4, 1, 102],
      [0x8825, 4, 1, 172],
    ],
    little,
  )
  const details = list(
    [
      [0x829a, 5, 1, 156],
      [0x927c, 7, 8, 164],
      [0xa002, 4, 1, 640],
      [0xa003, 3, 1, 480],
    ],
    little,
  )
  const gps = list(
    [
      [0x0001, 2, 2, little ? 0x4e : 0x4e000000],
      [0x0002, 5, 3, 202],
    ],
    little,
  )
  return Buffer.concat([
    Buffer.from(little ? 'II*\0' : 'MM\0*', 'latin1'),
    numbers(8),
    main,
    Buffer.from('Maker1\0\0'),
    numbers(300, 1),
    details,
    numbers(1, 250),
    Buffer.from('NOTES\0\0\0'),
    gps,
    numbers(10, 1, 30, 1, 0, 1),
  ])
}

/** Both ways of writing a property, an orientation, a place, a title. */
export const SAMPLE_XMP = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="6" exif:GPSLatitude="10,30.0N" exif:ExposureTime="1/250">
<exif:GPSLongitude>20,0.0E</exif:GPSLongitude><exif:GPSTimeStamp/>
<tiff:Make>Maker1</tiff:Make>
<dc:title>über</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`
