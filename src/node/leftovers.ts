/** What processes that were killed have left behind. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes files and folders of processes that are no more; what cannot be removed stays.
 * @param name whole name of one, its first group the process
 * @param age seconds since it was last written to, at least; another process may take over what one has made
 * @throws the system's error if the folder cannot be read
 * @example await removeLeftovers(tmpdir(), /^ddnc-(\d+)-\w{6}$/, 3600)
 */
export async function removeLeftovers(folder: string, name: RegExp, age = 0): Promise<void> {
  for (const entry of await readdir(folder)) {
    const owner = name.exec(entry)?.[1]
    if (owner === undefined || isRunning(Number(owner))) continue
    const path = join(folder, entry)
    try {
      if (Date.now() - (await stat(path)).mtimeMs >= 1000 * age) await rm(path, { recursive: true, force: true })
    } catch {
      // Somebody else removes it, or it is of another user.
    }
  }
}

/** Of other processes; one that was killed may have had the id that this one has. */
function isRunning(id: number): boolean {
  if (id === process.pid) return false
  try {
    return process.kill(id, 0) // no signal: asks whether there is such a process
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH' // of another user: EPERM
  }
}
