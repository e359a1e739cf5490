/** Text in columns, for what commands and measurements print. */

/**
 * The first column flush left, the others flush right.
 * @param rows of any lengths
 * @returns lines without trailing spaces
 * @example columns([['a', 1], ['bc', 20]]) // ['a    1', 'bc  20']
 */
export function columns(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((field, at) => (widths[at] = Math.max(widths[at] ?? 0, String(field).length)))
  const pad = (text: string, at: number): string => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]))
  return rows.map((row) =>
    row
      .map((field, at) => pad(String(field), at))
      .join('  ')
      .trimEnd(),
  )
}
