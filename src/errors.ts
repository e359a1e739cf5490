/** The one error type of ddnc. Every fault has a tag and typed fields; one switch holds all wording. */

export type Fault =
  /** The bytes are no `.ddn`, `.ddnm` or picture at all. `what`: what was expected. */
  | { tag: 'BadSignature'; what: string; found: string }
  | { tag: 'UnsupportedVersion'; what: string; version: number; supported: number }
  /** The model that the file names is not at hand. `hash`: hex. */
  | { tag: 'UnknownModel'; name: string; hash: string }
  /** `where`: the field or chunk, `found`: what stood there, `allowed`: what may stand there. */
  | { tag: 'Corrupt'; where: string; found: string; allowed: string }
  | { tag: 'Truncated'; where: string; needed: number; have: number }
  | { tag: 'LimitExceeded'; what: string; value: number; limit: number }
  | { tag: 'BadOption'; option: string; found: string; allowed: string }

/** `fault` is plain data, so it crosses worker threads whole. */
export class DdncError extends Error {
  override readonly name = 'DdncError'
  constructor(
    readonly fault: Fault,
    options?: { cause?: unknown },
  ) {
    super(sentence(fault), options)
  }
}

/** The error of damaged data. `where`, `found`, `allowed`: as in `Fault`. */
export const corrupt = (where: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where, found, allowed })

/**
 * Bytes as messages and hashes are shown.
 * @example hexOf(Uint8Array.of(0xdd, 10), ' ') // 'dd 0a'
 */
export const hexOf = (bytes: Uint8Array, separator = ''): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(separator)

function sentence(fault: Fault): string {
  switch (fault.tag) {
    case 'BadSignature':
      return `this is not ${fault.what}: it begins with ${fault.found}`
    case 'UnsupportedVersion':
      return `${fault.what} has version ${fault.version}; this ddnc reads version ${fault.supported}`
    case 'UnknownModel':
      return `the file needs model ${fault.name} (${fault.hash}), which is not here; name its .ddnm with --model`
    case 'Corrupt':
      return `damaged: ${fault.where} is ${fault.found}, allowed is ${fault.allowed}`
    case 'Truncated':
      return `cut short: ${fault.where} needs ${fault.needed} bytes, ${fault.have} are there`
    case 'LimitExceeded':
      return `${fault.what} is ${fault.value}, over the limit of ${fault.limit}`
    case 'BadOption':
      return `${fault.option} is ${fault.found}, allowed is ${fault.allowed}`
  }
}
