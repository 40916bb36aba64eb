import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../lambdas/core/errors.ts'
import { type Draw, drawing } from './drawing.ts'

/** What a fault befalls. Two at once are of different parts; `all` comes alone. */
export type Part =
  | 'broker'
  | 'postgres'
  | 'kafka network'
  | 'postgres network'
  | 'run'
  | 'functions'
  | 'people'
  | 'all'

/** One way to do harm. */
export interface Fault {
  readonly part: Part
  /** Draws how it goes this time; it has healed when `happen` is over. */
  plan(draw: Draw): Happening
}

export interface Happening {
  readonly text: string
  happen(): Promise<void>
}

/** What happened when, in seconds since the beginning. */
export interface Nemesis {
  /** Does harm until the time is over and all is healed. */
  reign(endMs: number): Promise<void>
  readonly history: readonly string[]
  /** How often each kind of fault came. */
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Draws faults by a seed: all kinds once in an order of their own, then again. Every third time two come together. The
 * same seed gives the same faults with the same durations; only the clock between them differs.
 * @param tell told each line of the history
 */
export function nemesis(
  faults: Readonly<Record<string, Fault>>,
  seed: number,
  tell: (line: string) => void = () => undefined,
): Nemesis {
  const draw = drawing(seed)
  const beginMs = Date.now()
  const history: string[] = []
  const counts = new Map<string, number>()
  let left: string[] = []

  const note = (text: string) => {
    const line = `+${((Date.now() - beginMs) / 1_000).toFixed(1)} s ${text}`
    history.push(line)
    tell(line)
  }

  function drawName(fits: (fault: Fault) => boolean): string | undefined {
    if (left.length === 0) left = Object.keys(faults)
    const fitting = left.filter((name) => fits(faults[name] as Fault))
    const name = fitting[draw(Math.max(1, fitting.length))]
    if (name !== undefined) left = left.filter((other) => other !== name)
    return name
  }

  function drawStep(): readonly Happening[] {
    const names = [drawName(() => true)]
    const first = faults[names[0] ?? '']
    if (draw(3) === 0 && first?.part !== 'all')
      names.push(drawName(({ part }) => part !== 'all' && part !== first?.part))
    return names.flatMap((name) => {
      const fault = faults[name ?? '']
      if (name === undefined || !fault) return []
      counts.set(name, (counts.get(name) ?? 0) + 1)
      const { text, happen } = fault.plan(draw)
      return [{ text: `${name}${text && `: ${text}`}`, happen }]
    })
  }

  return {
    ...{ history, counts },
    reign: async (endMs) => {
      while (Date.now() < endMs) {
        const step = drawStep()
        const pauseMs = 200 + draw(1_500)
        note(step.map(({ text }) => text).join('; and at once '))
        await Promise.all(
          step.map(({ text, happen }) => happen().catch((error) => note(`${text}: ${messageOf(error)}`))),
        )
        await sleep(pauseMs)
      }
    },
  }
}
