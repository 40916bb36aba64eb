/** Whole numbers below a limit, the same ones for the same seed (a linear congruential generator). */
export type Draw = (limit: number) => number

export function drawing(seed: number): Draw {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}
