import { useEffect, useState } from 'preact/hooks'
import { call, useCall } from '../api.ts'
import { Act } from './act.tsx'
import { Loaded } from './states.tsx'

/** An event to change and to invoke a function with, and what it answered. */
export function LocalInvoke({ name }: { readonly name: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Invoke with an event</summary>
      {isOpen && <Editor name={name} />}
    </details>
  )
}

function Editor({ name }: { readonly name: string }) {
  const template = useCall('functions.template', { name })
  const [event, setEvent] = useState('')
  const [answer, setAnswer] = useState<string>()
  useEffect(() => setEvent(template.value ?? ''), [template.value])
  return (
    <Loaded of={template}>
      {() => (
        <>
          <textarea
            class="code"
            rows={12}
            aria-label="Event"
            spellcheck={false}
            value={event}
            onInput={({ currentTarget }) => setEvent(currentTarget.value)}
          />
          <p>
            <Act
              work={async () => {
                setAnswer(undefined)
                setAnswer(JSON.stringify(await call('functions.invoke', { name, event }), null, 2))
              }}
            >
              Invoke
            </Act>
          </p>
          {answer !== undefined && (
            <section aria-label="Answer" aria-live="polite">
              <pre tabindex={0}>{answer}</pre>
            </section>
          )}
        </>
      )}
    </Loaded>
  )
}
