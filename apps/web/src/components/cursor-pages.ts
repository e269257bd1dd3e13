interface CursorPages {
  initialPageParam: string | undefined
  getNextPageParam: (page: { nextCursor: string | null }) => string | undefined
}

/** The options of useInfiniteQuery for the API's lists with cursors. The first page has no cursor. */
export const cursorPages: CursorPages = {
  initialPageParam: undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
}
