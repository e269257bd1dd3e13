/**
 * The places where a spreadsheet would evaluate text as a formula: at the beginning, and after any character that the spreadsheet may treat
 * as the end of a cell. The separator depends on the user's locale, and with a separator other than the comma, a spreadsheet does not
 * recognize our quotes either.
 */
const cellStart = String.raw`((?:^|[,;|\t\r\n])[\s\p{C}"]*)`
const formula = String.raw`'*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]`

const beforeFormula = new RegExp(`${cellStart}(?=${formula})`, 'gu')
const guardBeforeFormula = new RegExp(`${cellStart}'(?=${formula})`, 'gu')

/**
 * Inserts an apostrophe wherever a spreadsheet would begin a formula. The apostrophe makes the spreadsheet show the text as is. Source:
 * OWASP, "CSV Injection". Text that already has such an apostrophe gets another one, so that `removeFormulaGuard` restores every string.
 */
export const guardFormulas = (text: string): string => text.replaceAll(beforeFormula, "$1'")

/** The inverse of `guardFormulas`. */
export const removeFormulaGuard = (text: string): string => text.replaceAll(guardBeforeFormula, '$1')
