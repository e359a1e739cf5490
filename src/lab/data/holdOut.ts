/** Which pictures of a folder are held out of training: decided by their names alone. */

/**
 * The photograph that a file shows a part of: files `<source>-<number>s` and `…d` are views of the same one.
 * @param name with or without an extension
 * @example photographOf('elem-0895d.jpg') // 'elem-0895'
 */
export function photographOf(name: string): string {
  const stem = name.replace(/\.[^.]*$/, '')
  return /^(.+-\d+)[sd]$/.exec(stem)?.[1] ?? stem
}

/**
 * Holds out some photographs, all files of each. Which ones depends on their names: the same when others come or go,
 * up to one or a few at the border.
 * @param share of the photographs, 0…1; at least one is held out if there are two and the share is over 0
 * @example const { training, validation } = holdOut(files, 0.04)
 */
export function holdOut<File extends Readonly<{ name: string }>>(
  files: readonly File[],
  share: number,
): { training: File[]; validation: File[] } {
  const photographs = [...new Set(files.map(({ name }) => photographOf(name)))]
  const wanted = share === 0 ? 0 : Math.max(1, Math.round(share * photographs.length))
  const ranked = photographs.sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1))
  const held = new Set(ranked.slice(0, Math.min(wanted, photographs.length - 1)))
  const isHeld = ({ name }: File): boolean => held.has(photographOf(name))
  return { training: files.filter((file) => !isHeld(file)), validation: files.filter(isHeld) }
}

/** FNV-1a, stirred once more: names that differ in their last digit alone must not stay neighbours. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193)
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
  return (state ^ (state >>> 13)) >>> 0
}
