import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { CommandRunner } from '../../../../local/engines/commands.ts'
import { bringJars, existingJars, jarsHome, kafkaVersion } from '../../../../local/engines/kafka/jars.ts'
import { ownDir } from '../../../helpers/stoppable.ts'

let dir: string
let runs: number
const said: string[] = []
beforeEach(async () => {
  dir = await ownDir('jars')
  runs = 0
})

/** A Maven that copies one jar, and then ends as told. */
const maven =
  (code: number): CommandRunner =>
  async (_command, args) => {
    runs++
    const output = args.find((arg) => arg.startsWith('-DoutputDirectory='))?.split('=')[1] ?? ''
    await writeFile(join(output, 'kafka.jar'), '')
    return { outcome: 'exited', code, stdout: '', stderr: '' }
  }
const bring = (code = 0) => bringJars(dir, {}, (line) => said.push(line), maven(code))

describe('bringJars', () => {
  test('brings them once', async () => {
    const jars = await bring()
    expect(await bring()).toBe(jars)
    expect(runs).toBe(1)
    expect(existsSync(join(jars, 'kafka.jar'))).toBe(true)
    expect(said[0]).toBe(`Downloading Kafka ${await kafkaVersion()} with Maven (43 MB, once).`)
  })

  test('takes nothing of a download that failed for whole', async () => {
    await expect(bring(1)).rejects.toMatchObject({ code: 'kafka_jars_failed' })
    expect(await existingJars(dir)).toBeUndefined()
    expect(await readdir(dir)).toEqual([])
  })

  test('brings them again where the folder is not of this pom.xml', async () => {
    const folder = join(dir, `jars-${await kafkaVersion()}`)
    await mkdir(folder)
    await writeFile(join(folder, 'pom.xml'), '<project/>')
    await writeFile(join(folder, 'old.jar'), '')
    await bring()
    expect((await readdir(folder)).sort()).toEqual(['kafka.jar', 'pom.xml'])
  })

  test('lets two programs bring them at the same time', async () => {
    const [one, other] = await Promise.all([bring(), bring()])
    expect(one).toBe(other)
    expect((await readdir(dir)).length).toBe(1)
  })
})

describe('jarsHome', () => {
  test('is one folder of the user for all state folders', async () => {
    const environment = { XDG_CACHE_HOME: join(dir, 'cache'), HOME: '/nowhere' }
    const homes = await Promise.all(['a', 'b'].map((state) => jarsHome(join(dir, state), environment)))
    expect(homes).toEqual([join(dir, 'cache/keeper-local/kafka'), join(dir, 'cache/keeper-local/kafka')])
    expect(await jarsHome(join(dir, 'a'), { HOME: dir })).toBe(join(dir, '.cache/keeper-local/kafka'))
  })

  test('is the state folder where that has jars already, or the user has no home that can be written to', async () => {
    await bring()
    expect(await jarsHome(dir, { HOME: join(dir, 'home') })).toBe(dir)
    const other = join(dir, 'other')
    expect(await jarsHome(other, {})).toBe(other)
    expect(await jarsHome(other, { HOME: '/dev/null' })).toBe(other)
  })
})
