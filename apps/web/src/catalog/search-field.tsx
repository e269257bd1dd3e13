import { type FormEvent, useEffect, useId, useState } from 'react'
import { useDebounced } from '../components/use-debounced.ts'

interface SearchFieldProps {
  label: string
  /** The query in the URL. */
  query: string
  setQuery: (query: string) => void
}

/** Searches while the user types. Pressing Enter searches immediately. */
export const SearchField = ({ label, query, setQuery }: SearchFieldProps) => {
  const id = useId()
  /**
   * The text in the field, and the query at the time when the user started typing. If the query changes in another way, for
   * example with the back button, the text is replaced.
   */
  const [field, setField] = useState({ text: query, query })
  if (field.query !== query) setField({ text: field.text.trim() === query ? field.text : query, query })
  const settled = useDebounced(field.text).trim()
  useEffect(() => {
    if (settled === field.text.trim() && settled !== query) setQuery(settled)
  }, [settled, field.text, query, setQuery])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    setQuery(field.text.trim())
  }
  return (
    <search>
      <form className="search-field" onSubmit={submit}>
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          type="search"
          value={field.text}
          maxLength={200}
          enterKeyHint="search"
          onChange={(event) => setField({ ...field, text: event.target.value })}
        />
      </form>
    </search>
  )
}
