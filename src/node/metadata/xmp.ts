/** What of an XMP packet changes with the picture. Text is replaced in place: a packet comes back as it was else. */

const EXIF_NAMESPACE = 'http://ns.adobe.com/exif/1.0/'
const TIFF_NAMESPACE = 'http://ns.adobe.com/tiff/1.0/'
/** One is usual. More than these are made to keep somebody busy. */
const MAX_PREFIXES = 8

/**
 * XMP of a picture whose pixels have been turned upright: `tiff:Orientation` is 1.
 * @param xmp UTF-8; whatever is no such text comes back as it is
 * @example uprightXmp(xmp)
 */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  const text = textOf(xmp)
  const prefixes = text === null ? [] : prefixesOf(text, TIFF_NAMESPACE)
  if (text === null || prefixes.length === 0 || prefixes.length > MAX_PREFIXES) return xmp
  const name = `(?:${prefixes.join('|')}):Orientation`
  const changed = text
    .replace(new RegExp(`(<${name}(?:\\s[^<>]*)?>\\s*)[2-8](\\s*</)`, 'g'), '$11$2')
    .replace(new RegExp(`(\\s${name}\\s*=\\s*["'])[2-8](["'])`, 'g'), '$11$2')
  return changed === text ? xmp : Buffer.from(changed)
}

/**
 * XMP without the properties `exif:GPS…`, whatever prefix stands for that namespace.
 * @returns null if the packet is no UTF-8, does not close a property, or still speaks of GPS, a latitude or longitude
 * @example withoutGpsProperties(xmp)
 */
export function withoutGpsProperties(xmp: Uint8Array): Uint8Array | null {
  const text = textOf(xmp)
  if (text === null) return null
  const prefixes = prefixesOf(text, EXIF_NAMESPACE)
  if (prefixes.length > MAX_PREFIXES) return null
  const name = `(?:${prefixes.join('|')}):GPS`
  const changed = prefixes.length === 0 ? text : withoutProperties(text, `${name}\\w*`)
  if (changed === null || /latitude|longitude/i.test(changed)) return null
  // What is no XML may leave a property behind, or make one of two halves.
  if (prefixes.length > 0 && new RegExp(name).test(changed)) return null
  return changed === text ? xmp : Buffer.from(changed)
}

/** Attributes and elements of these names in one pass; null if an element does not end. */
function withoutProperties(text: string, name: string): string | null {
  const tag = new RegExp(`<(/?)(${name})(?:\\s[^<>]*?)?(/?)>`, 'g')
  const attribute = new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*')`, 'g')
  let kept = ''
  let from = 0
  let opened: string | null = null
  for (const { 0: found, 1: closes, 2: property, 3: empty, index } of text.matchAll(tag)) {
    if (opened === null) kept += text.slice(from, index)
    if (opened === null && !closes && !empty) opened = property
    else if (opened === property && closes) opened = null
    from = index + found.length
  }
  return opened === null ? (kept + text.slice(from)).replace(attribute, '') : null
}

function textOf(xmp: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(xmp)
    return text.includes('\0') ? null : text // UTF-16 of ASCII is UTF-8 too, with zeros
  } catch {
    return null
  }
}

/** Prefixes that stand for a namespace, as parts of a regular expression. */
function prefixesOf(text: string, namespace: string): string[] {
  const declared = [...text.matchAll(/xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']/g)]
  const prefixes = new Set(declared.flatMap(([, prefix, uri]) => (uri === namespace ? [prefix] : [])))
  return [...prefixes].map((prefix) => prefix.replace(/[.-]/g, '\\$&'))
}
