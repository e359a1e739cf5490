/** Results that take minutes or hours, kept in a folder for the next run. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How results are files. */
export type Form<Result> = Readonly<{ write: (result: Result) => string | Uint8Array; read: (file: Buffer) => Result }>

/** As JSON: numbers come back as they were, all but NaN and infinite ones. */
export const asJson = <Result>(): Form<Result> => ({
  write: (result) => JSON.stringify(result),
  read: (file) => JSON.parse(file.toString()) as Result,
})

/**
 * What a file holds; where there is none, it is made, and the file written whole or not at all.
 * @param folder made if missing
 * @param name of the file, which says all that the result depends on
 * @example const points = await kept('cache', `${key}.json`, asJson<Point[]>(), () => measure(picture))
 */
export async function kept<Result>(
  folder: string,
  name: string,
  { write, read }: Form<Result>,
  make: () => Promise<Result>,
): Promise<Result> {
  const path = join(folder, name)
  const known = await readFile(path).catch(() => null)
  if (known !== null) return read(known)
  const result = await make()
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.part`, write(result))
  await rename(`${path}.part`, path)
  return result
}
