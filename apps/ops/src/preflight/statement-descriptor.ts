import { type Check, ok, warning } from './check.ts'

const settingsUrl = 'https://dashboard.stripe.com/settings/public'

export const statementDescriptor: Check = {
  name: 'statement descriptor',
  run: async ({ account }) => {
    if (account === null)
      return [warning(`not checked: the account cannot be read. Check the statement descriptor: ${settingsUrl}`)]
    const descriptor = account.settings?.payments.statement_descriptor
    return descriptor
      ? [ok(`bank statements show ${descriptor}`)]
      : [
          warning(
            `the account has no statement descriptor. Buyers tend to dispute charges that they do not recognize. Set a descriptor: ${settingsUrl}`,
          ),
        ]
  },
}
