import { ClientError } from '../../client/client-error.ts'
import { examine } from '../../client/doctor/examine.ts'
import type { Finding } from '../../client/doctor/finding.ts'
import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'
import { clean } from '../output/table.ts'
import { wrap } from '../output/wrap.ts'

/** Columns before what a finding says. */
const INDENT = 26

/**
 * @throws ClientError `problems_found`, after all findings are shown
 */
export async function examineAll(context: CommandContext): Promise<void> {
  const findings = await examine(context.where)
  context.print(
    context.isJson
      ? JSON.stringify(findings, null, 2)
      : findings.map((finding) => shown(finding, context.width)).join('\n'),
  )
  const problems = findings.filter(({ outcome }) => outcome === 'problem')
  if (problems.length === 0) return
  throw new ClientError('problems_found', `${counted(problems.length, 'problem')} found.`)
}

function shown({ check, outcome, says, fix }: Finding, width: number): string {
  const texts = [says, ...(fix === null ? [] : [fix])]
  return texts
    .flatMap((text) => wrap(clean(text), width - INDENT))
    .map((line, index) => `${(index === 0 ? `${check.padEnd(13)}${outcome}` : '').padEnd(INDENT)}${line}`)
    .join('\n')
}
