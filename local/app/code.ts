import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { functionName, isCdkHelper } from '../cloud/lambda/function-resource.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import { codeOf } from './stacks.ts'

/**
 * Puts the code of an assembly's Node.js functions into a folder of its own, each under its stack and name, and gives
 * the functions as they run from there. A package.json of the project around the assembly does not reach them, as none
 * does on Lambda: `index.js` is CommonJS unless its own folder says otherwise.
 */
export async function placeCode(
  functions: readonly Resource[],
  directory: string,
): Promise<readonly Resource[]> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'package.json'), '{}\n')
  const placed = await Promise.all(functions.map((resource) => place(resource, directory)))
  return placed.flat()
}

async function place(resource: Resource, directory: string): Promise<readonly Resource[]> {
  const { Runtime: runtime } = resource.properties
  if (typeof runtime !== 'string' || !runtime.startsWith('nodejs') || isCdkHelper(resource)) return []
  const target = join(directory, resource.stack, functionName(resource))
  const { ZipFile: inline } = codeOf(resource)
  if (typeof inline === 'string') {
    await mkdir(target, { recursive: true })
    await writeFile(join(target, 'index.js'), inline)
  } else {
    const source = resource.assetDirectory
    // An asset that was packed before the app was synthesized is a file.
    if (!source || !(await stat(source).catch(() => undefined))?.isDirectory()) return []
    await cp(source, target, { recursive: true, verbatimSymlinks: true })
  }
  return [{ ...resource, assetDirectory: target }]
}
