/** The prefix of a workflow id that differs from its purchase id. */
const prefix = 'purchase:'

/**
 * Matches the purchase ids that are also workflow ids. Other purchase ids could not be quoted in a visibility query, or begin with the id
 * prefix of another workflow, whose messages the purchase would receive.
 */
const plainId = new RegExp(`^(?!reconcile|webhook-|entity-|${prefix})[A-Za-z0-9._~:@=+,-]+$`)

const escapeAscii = (character: string): string => `~${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/**
 * Returns the workflow id of a purchase, which is the purchase id if possible. Otherwise, it is the purchase id with a prefix, with `~` and a
 * hexadecimal code for other ASCII characters: `purchase:order~2017` for `order 17`. At most 809 bytes, of the 1,000 that Temporal allows.
 */
export const purchaseWorkflowId = (purchaseId: string): string =>
  plainId.test(purchaseId)
    ? purchaseId
    : `${prefix}${purchaseId.replaceAll(/[^A-Za-z0-9._:@=+,\u0080-\u{10ffff}-]/gu, escapeAscii)}`

/** Returns the purchase id of a purchase workflow. */
export const purchaseIdOfWorkflow = (workflowId: string): string =>
  workflowId.startsWith(prefix)
    ? workflowId
        .slice(prefix.length)
        .replaceAll(/~([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : workflowId
