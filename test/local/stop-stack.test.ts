import { describe, expect, test } from '@jest/globals'
import { StopStack } from '../../local/stop-stack.ts'

describe('what was started', () => {
  test('is stopped in the opposite order, each once, though one fails', async () => {
    const stops = new StopStack()
    const stopped: string[] = []
    stops.push(async () => stopped.push('engine'))
    stops.push(() => Promise.reject(new Error('the market does not stop')))
    stops.push(async () => stopped.push('cloud'))
    expect(stops.isEmpty).toBe(false)
    expect(await stops.stopAll()).toEqual([new Error('the market does not stop')])
    expect(stopped).toEqual(['cloud', 'engine'])
    expect(stops.isEmpty).toBe(true)
    expect(await stops.stopAll()).toEqual([])
  })
})
