import { signal } from '@preact/signals'

const query = matchMedia('(prefers-color-scheme: dark)')

/** Whether the page is dark: what is drawn on a canvas is drawn again when that changes. */
export const isDark = signal(query.matches)
query.addEventListener('change', ({ matches }) => {
  isDark.value = matches
})

/** Colours of the style sheet as a canvas takes them: `light-dark()` resolved. */
export function coloursAt(element: HTMLElement, names: readonly string[]): readonly string[] {
  const probe = element.appendChild(document.createElement('i'))
  const colours = names.map((name) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  })
  probe.remove()
  return colours
}
