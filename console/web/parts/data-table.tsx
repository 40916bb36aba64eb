import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** A column of a table. */
export interface TableColumn<Row> {
  readonly name: string
  readonly cell: (row: Row) => ComponentChildren
  readonly align?: 'right'
  /** In rem; the column without one takes what is left. */
  readonly width?: number
}

/** Which rows are chosen. */
export interface RowChoice<Row> {
  readonly isChosen: (row: Row) => boolean
  readonly toggle: (row: Row) => void
  /** What the box of a row is called. */
  readonly nameOf: (row: Row) => string
}

/** Rows that are out of view are not in the document, so a table may have any number of them. */
const ROW_PX = 36
const OVERSCAN = 8

/** What the column without a width has at least. */
const LEAST_REM = 16

const BOX_REM = 3

/**
 * A table of any length. The first cell of each row leads somewhere; arrow keys, j and k, Page keys, Home and End move
 * from one to the next.
 */
export function DataTable<Row>({
  rows,
  columns,
  keyOf,
  label,
  href,
  onOpen,
  onView,
  select,
}: {
  /** All of them, or what has them: only those in view are taken out. */
  readonly rows: Pick<readonly Row[], 'length' | 'slice'>
  readonly columns: readonly TableColumn<Row>[]
  readonly keyOf: (row: Row) => string
  readonly label: string
  /** The page that a row leads to. */
  readonly href?: (row: Row) => string
  /** What opening a row does, where that is no page. */
  readonly onOpen?: (row: Row) => void
  /** Is told which rows are in view, from the first until before the last. */
  readonly onView?: (first: number, last: number) => void
  /** Rows can be chosen, by a box each or the key x. */
  readonly select?: RowChoice<Row>
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(600)
  const [active, setActive] = useState(0)
  const isMoved = useRef(false)
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const chosen = Math.max(0, Math.min(active, rows.length - 1))
  useLayoutEffect(() => {
    if (!isMoved.current) return
    isMoved.current = false
    scroller.current?.querySelector<HTMLElement>(`[data-row="${chosen}"]`)?.focus({ preventScroll: true })
  })
  const least = columns.reduce((sum, { width }) => sum + (width ?? LEAST_REM), select ? BOX_REM : 0)
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN)
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_PX) + OVERSCAN)
  useEffect(() => onView?.(first, last), [first, last])

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    isMoved.current = true
    setActive(next)
    const element = scroller.current
    if (!element) return
    const y = next * ROW_PX
    const lowest = y + 2 * ROW_PX - element.clientHeight
    if (y < element.scrollTop) element.scrollTop = y
    else if (lowest > element.scrollTop) element.scrollTop = lowest
    setTop(element.scrollTop)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!href && !onOpen) return
    const page = Math.max(1, Math.floor(height / ROW_PX) - 2)
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page, PageUp: chosen - page },
      ...{ j: chosen + 1, k: chosen - 1, Home: 0, End: rows.length - 1 },
    }
    const [row] = rows.slice(chosen, chosen + 1)
    if (event.key === 'x' && select && row !== undefined) select.toggle(row)
    const next = moves[event.key]
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    moveTo(next)
  }
  const lead = (row: Row, index: number, content: ComponentChildren) => {
    const focus = { 'data-row': index, tabindex: index === chosen ? 0 : -1, onFocus: () => setActive(index) }
    if (href) {
      return (
        <a href={href(row)} {...focus}>
          {content}
        </a>
      )
    }
    if (!onOpen) return content
    return (
      <button type="button" class="plain" onClick={() => onOpen(row)} {...focus}>
        {content}
      </button>
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys move between the links inside
    <div
      class="table"
      ref={scroller}
      // Without links inside, the keys of the browser scroll it.
      tabindex={href || onOpen ? undefined : 0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <table aria-label={label} aria-rowcount={rows.length + 1} style={{ minWidth: `${least}rem` }}>
        <thead>
          <tr>
            {select && (
              <th scope="col" style={{ width: `${BOX_REM}rem` }}>
                <span class="unseen">Chosen</span>
              </th>
            )}
            {columns.map(({ name, align, width }) => (
              <th
                key={name}
                scope="col"
                class={align}
                style={width === undefined ? undefined : { width: `${width}rem` }}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="gap" style={{ height: `${first * ROW_PX}px` }} />
          {rows.slice(first, last).map((row, offset) => (
            <tr key={keyOf(row)} aria-rowindex={first + offset + 2}>
              {select && (
                <td>
                  <input
                    type="checkbox"
                    tabindex={-1}
                    aria-label={select.nameOf(row)}
                    checked={select.isChosen(row)}
                    onChange={() => select.toggle(row)}
                  />
                </td>
              )}
              {columns.map(({ name, cell, align }, column) => (
                <td key={name} class={align}>
                  {column === 0 ? lead(row, first + offset, cell(row)) : cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <tr class="gap" style={{ height: `${Math.max(0, rows.length - last) * ROW_PX}px` }} />
        </tbody>
      </table>
    </div>
  )
}
