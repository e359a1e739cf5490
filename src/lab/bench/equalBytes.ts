/** Settings of codecs that make files of one size. */
import type { Codec } from './codecs/codec.js'

/** Files within this share of the size wanted are as good as equal. */
const CLOSE = 0.01

/**
 * The setting whose file is nearest to a size, by few trials: between two settings that are known ln bytes is taken for
 * straight, and where that does not come nearer, the middle is tried.
 * @param known sizes by setting, of files that were made already; what is tried is added
 * @param bytes makes a file, and gives its size
 * @example await settingNear(codec.dial, new Map(), 10_000, async (quality) => (await code(quality)).length)
 */
export async function settingNear(
  [smallest, largest, step]: Codec['dial'],
  known: Map<number, number>,
  wanted: number,
  bytes: (setting: number) => Promise<number>,
): Promise<number> {
  const last = Math.round(Math.abs(largest - smallest) / step)
  // Settings are counted from the one of the smallest file; multiples of a decimal step are rounded to what one would write.
  const settingAt = (at: number): number =>
    Number((smallest + Math.sign(largest - smallest) * at * step).toPrecision(10))
  const placeOf = (setting: number): number => Math.round(Math.abs(setting - smallest) / step)
  const away = (size: number): number => Math.log(size / wanted)

  const size = async (at: number): Promise<number> => {
    const setting = settingAt(at)
    const found = known.get(setting) ?? (await bytes(setting))
    known.set(setting, found)
    return found
  }
  let [low, high] = [0, last]
  for (const [setting, found] of known) {
    const at = placeOf(setting)
    if (found <= wanted) low = Math.max(low, at)
    else high = Math.min(high, at)
  }
  // Where sizes do not rise with the setting, neighbours may be the wrong way round.
  if (low > high) [low, high] = [high, low]
  for (let trial = 0; high - low > 1; trial++) {
    const [below, above] = [away(await size(low)), away(await size(high))]
    if (Math.min(Math.abs(below), Math.abs(above)) < CLOSE) break
    const share = trial % 3 === 2 || below >= above ? 0.5 : -below / (above - below)
    const at = Math.min(high - 1, Math.max(low + 1, Math.round(low + (high - low) * share)))
    if (away(await size(at)) <= 0) low = at
    else high = at
  }
  const isLow = Math.abs(away(await size(low))) <= Math.abs(away(await size(high)))
  return settingAt(isLow ? low : high)
}
