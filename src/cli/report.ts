/** Wording of what the commands print: summary lines and the one line of an error. */

/** Any text on one line of a terminal: line breaks and control characters become spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}

/** What became of one file: plain data, as `--json` prints it. */
export type Report = Readonly<{
  width: number
  height: number
  components: number
  alpha?: boolean
  /** Of IN. */
  inputBytes: number
  /** Of OUT. */
  bytes: number
  /** dB, of what was encoded; JSON has null for no difference. */
  psnr?: number
  seconds: number
  notes: readonly string[]
}>

/** @example bitsPerPixel(1000, 100, 80) // '1.000 bits per pixel' */
export function bitsPerPixel(bytes: number, width: number, height: number): string {
  return `${((bytes * 8) / (width * height)).toFixed(3)} bits per pixel`
}

/** PSNR in dB, or that there is no difference. */
export function psnr(decibel: number): string {
  return decibel === Infinity ? 'no difference' : `PSNR ${decibel.toFixed(2)} dB`
}

/** Seconds since `begun`, both in ms of `performance.now()`. */
export function seconds(begun: number): string {
  return secondsText(secondsSince(begun))
}

export const secondsSince = (begun: number): number => (performance.now() - begun) / 1000

/** @example secondsText(1.234) // '1.23 s' */
export const secondsText = (seconds: number): string => `${seconds.toFixed(2)} s`

/** @example summary('a.ddn', ['120 bytes', '0.5 s'], ['16 bits a sample reduced to 8']) */
export function summary(name: string, facts: readonly string[], notes: readonly string[] = []): string {
  return oneLine(`${name}: ${[...facts, ...notes].join(', ')}`)
}
