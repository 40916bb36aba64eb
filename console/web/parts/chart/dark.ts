import { useEffect, useRef, useState } from 'preact/hooks'

/** Whether it is dark, as colours of a canvas do not change by themselves. */
export function useDark(): boolean {
  const query = useRef(matchMedia('(prefers-color-scheme: dark)'))
  const [isDark, setDark] = useState(query.current.matches)
  useEffect(() => {
    const change = () => setDark(query.current.matches)
    query.current.addEventListener('change', change)
    return () => query.current.removeEventListener('change', change)
  }, [])
  return isDark
}
