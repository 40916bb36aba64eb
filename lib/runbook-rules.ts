import { readFileSync } from 'node:fs'
import { Stack } from 'aws-cdk-lib'
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { IConstruct, IValidation } from 'constructs'

const RUNBOOK = new URL('../docs/runbook.md', import.meta.url)

/** The anchors of a Markdown text's second-level headings, as on GitHub: `Function errors` is `function-errors`. */
export const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Makes a synthesis fail if docs/runbook.md has no section for an alarm. */
export class RunbookRules implements IValidation {
  readonly #scope: IConstruct
  readonly #anchors: readonly string[]

  private constructor(scope: IConstruct, anchors: readonly string[]) {
    this.#scope = scope
    this.#anchors = anchors
  }

  /** Checks every alarm below `scope` at each synthesis. */
  static apply(scope: IConstruct, runbook: string = readFileSync(RUNBOOK, 'utf8')): void {
    scope.node.addValidation(new RunbookRules(scope, anchorsOf(runbook)))
  }

  validate(): string[] {
    return this.#scope.node
      .findAll()
      .filter((resource) => resource instanceof CfnAlarm)
      .filter((alarm) => !this.#anchors.includes(anchorOf(alarm)))
      .map(
        (alarm) =>
          `${alarm.node.path}: end the alarm's description with #<section> and write that section in docs/runbook.md, because the person on call needs to know what to do.`,
      )
  }
}

const anchorOf = (alarm: CfnAlarm): string =>
  String(Stack.of(alarm).resolve(alarm.alarmDescription) ?? '').split('#')[1] ?? ''
