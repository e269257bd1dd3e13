/** Says on the terminal how far a long command is; scripts, which read standard output, are not disturbed. */
export const progress = (what: string) => {
  let said = Date.now()
  return (count: number): void => {
    if (Date.now() - said < 2_000) return
    said = Date.now()
    console.error(`… ${count} ${what}`)
  }
}
