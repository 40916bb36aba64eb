import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Java } from './java.ts'

/** Kafka's classes as Java has prepared them at an earlier start: with them it listens in half the time. */
export interface ClassArchive {
  /** For Java's command line: use the archive, or write one when this start ends in an orderly way. */
  readonly flags: readonly string[]
  /** After the end: takes a written archive into use. */
  keep(): Promise<void>
  /** After a start that failed: its archive, of a few classes, is not for others. */
  discard(): Promise<void>
}

/**
 * The archive (50 MB) lies among the jars, one for each version of Java. Java checks it against itself and the class
 * path, and does without one that does not fit.
 * https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html (dynamic archives)
 */
export async function classArchive(jars: string, java: Java): Promise<ClassArchive> {
  const file = join(jars, `classes-${java.version}.jsa`)
  if (existsSync(file)) {
    const nothing = async () => undefined
    return {
      flags: ['-Xshare:auto', `-XX:SharedArchiveFile=${file}`],
      keep: nothing,
      discard: nothing,
    }
  }
  const partial = `${file}.partial-${randomUUID()}`
  return {
    // Java warns of thousands of classes that it leaves out, behind whatever the program said last.
    flags: ['-Xlog:cds*=off', `-XX:ArchiveClassesAtExit=${partial}`],
    keep: async () => {
      // A broker that was killed wrote none, or one that Java would refuse.
      if (existsSync(partial) && !existsSync(file)) await rename(partial, file)
      await rm(partial, { force: true })
    },
    discard: () => rm(partial, { force: true }),
  }
}
