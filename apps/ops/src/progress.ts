const intervalMs = 2_000

/** Shows the progress of a long command on stderr, at most every two seconds. Stdout contains only the results, which scripts may read. */
export const createProgress = (description: string) => {
  let shownAt = Date.now()
  return (count: number): void => {
    if (Date.now() - shownAt < intervalMs) return
    shownAt = Date.now()
    console.error(`… ${count} ${description}`)
  }
}
