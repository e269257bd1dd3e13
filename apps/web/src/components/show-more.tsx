import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { ErrorText } from './notice.tsx'

type PagedQuery = Pick<
  UseInfiniteQueryResult,
  'hasNextPage' | 'isFetchingNextPage' | 'isFetchNextPageError' | 'error' | 'fetchNextPage'
>

/**
 * Loads the next page of a list. `name` is the screen reader name of the items, as in "Show more films". After the last page,
 * the focus moves to a message. When the list changes, the component needs a new key.
 */
export const ShowMore = ({ query, name }: { query: PagedQuery; name: string }) => {
  const end = useRef<HTMLParagraphElement>(null)
  const wasClicked = useRef(false)
  const { hasNextPage } = query
  useEffect(() => {
    // The focused button has been removed, so the text that replaces it gets the focus.
    if (!hasNextPage && wasClicked.current && document.activeElement === document.body) end.current?.focus()
  }, [hasNextPage])
  if (!hasNextPage) {
    return wasClicked.current ? (
      <p ref={end} className="pager muted" tabIndex={-1}>
        That's all.
      </p>
    ) : null
  }
  return (
    <>
      {query.isFetchNextPageError && <ErrorText error={query.error} />}
      <div className="pager">
        <button
          type="button"
          className="secondary"
          aria-disabled={query.isFetchingNextPage}
          onClick={() => {
            wasClicked.current = true
            if (!query.isFetchingNextPage) void query.fetchNextPage()
          }}
        >
          {query.isFetchingNextPage ? 'Loading…' : 'Show more'}
          <span className="visually-hidden"> {name}</span>
        </button>
      </div>
    </>
  )
}
