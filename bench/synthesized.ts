import { join } from 'node:path'
import { readAssembly } from '../local/cloud/template/assembly.ts'
import { readTemplate, type Template } from '../local/cloud/template/template.ts'
import { synthesize } from '../local/synth.ts'

/** Synthesizes Keeper's CDK app below a folder, bundles included, and reads its template. */
export async function synthesizedTemplate(directory: string): Promise<Template> {
  const assembly = join(directory, 'cdk.out')
  await synthesize(assembly, new AbortController().signal)
  return readTemplate(await readAssembly(assembly), () => undefined)
}
