import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { ErrorText } from '../../components/notice.tsx'
import { useDebounced } from '../../components/use-debounced.ts'
import { useUser } from '../../context.tsx'
import { useReturnFocus } from '../use-return-focus.ts'

export interface Found {
  id: string
  title: string
  detail: string
}

interface FinderProps<T extends Found> {
  /** Label of the button that opens the search, such as "Add a product". */
  label: string
  /** Label of the search field, such as "Search products by name or ID". */
  fieldLabel: string
  /** The key of the search in the query cache. */
  scope: string
  search: (query: string) => Promise<T[]>
  /** The ids of objects that are already selected, which the results omit. */
  excludedIds: readonly string[]
  /** Label of the button next to a result, such as "Add". */
  action: string
  isPending?: boolean
  error?: unknown
  /** Whether the search closes after one object has been selected. */
  closesOnSelect?: boolean
  onSelect: (item: T) => void
}

const maxResults = 8

/** Searches the server for objects to select. The user opens the search with a button and closes it with Escape or "Done". */
export const Finder = <T extends Found>({ label, ...search }: FinderProps<T>) => {
  const [isOpen, setOpen] = useState(false)
  const openButton = useReturnFocus(isOpen)
  if (isOpen) return <OpenFinder {...search} onClose={() => setOpen(false)} />
  return (
    <p>
      <button ref={openButton} type="button" className="secondary" onClick={() => setOpen(true)}>
        {label}
      </button>
    </p>
  )
}

type OpenFinderProps<T extends Found> = Omit<FinderProps<T>, 'label'> & { onClose: () => void }

const OpenFinder = <T extends Found>(props: OpenFinderProps<T>) => {
  const {
    fieldLabel,
    scope,
    search,
    excludedIds,
    action,
    isPending = false,
    error,
    closesOnSelect = false,
    onSelect,
    onClose,
  } = props
  const user = useUser()
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [lastSelected, setLastSelected] = useState<string | null>(null)
  const query = useDebounced(text.trim())
  useEffect(() => field.current?.focus(), [])
  const found = useQuery({
    queryKey: ['admin', user, 'find', scope, query],
    queryFn: () => search(query),
    placeholderData: keepPreviousData,
  })
  const matches = found.data?.filter((item) => !excludedIds.includes(item.id)) ?? []
  const results = matches.slice(0, maxResults)
  const select = (item: T): void => {
    setLastSelected(item.title)
    // The result that had the focus disappears from the list, so the focus moves to the field.
    field.current?.focus()
    onSelect(item)
    if (closesOnSelect) onClose()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes it from any of its controls.
    <div className="finder" onKeyDown={({ key }) => key === 'Escape' && onClose()}>
      <div className="field">
        <label htmlFor={id}>{fieldLabel}</label>
        <input
          ref={field}
          id={id}
          type="search"
          value={text}
          maxLength={200}
          onChange={(event) => setText(event.target.value)}
          // Pressing Enter must not submit a form that contains the search.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        />
      </div>
      <p role="status" className="muted">
        {lastSelected !== null && !isPending && !error ? `${lastSelected}: done. ` : ''}
        {found.isSuccess && results.length === 0 && 'No results.'}
        {matches.length > maxResults && `The first ${maxResults} results. Enter more of the name to see others.`}
      </p>
      {found.isError && <ErrorText error={found.error} />}
      {Boolean(error) && <ErrorText error={error} />}
      <ul className="found" aria-label="Results">
        {results.map((item) => (
          <li key={item.id}>
            <span>
              <bdi>{item.title}</bdi>
              <small className="muted">
                {item.detail} · <code>{item.id}</code>
              </small>
            </span>
            <button type="button" className="secondary" aria-disabled={isPending} onClick={() => isPending || select(item)}>
              {action}
              <span className="visually-hidden"> {item.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="secondary" onClick={onClose}>
        Done
      </button>
    </div>
  )
}
