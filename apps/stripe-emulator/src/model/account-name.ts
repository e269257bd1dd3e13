export const ACCOUNT_NAME = 'Pay to View (emulated)'
