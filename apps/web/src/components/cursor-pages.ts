interface CursorPages {
  initialPageParam: string | undefined
  getNextPageParam: (page: { nextCursor: string | null }) => string | undefined
}

/** Options of useInfiniteQuery for the API's paged lists. The first page has no cursor. */
export const cursorPages: CursorPages = {
  initialPageParam: undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
}
