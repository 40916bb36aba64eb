/** Replaces what differs from run to run: times, durations, and what this machine is called. */
export const normalise = (text: string): string =>
  text
    .replaceAll(
      /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g,
      (_, ms = '') => `2026-02-20T12:00:00${ms && '.000'}Z`,
    )
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, '2026-02-20')
    .replaceAll(/\b\d+ ms\b/g, '20 ms')
    .replaceAll(/\b\d+ s ago/g, '5 s ago')
    .replaceAll(/[ \t]+$/gm, '')
