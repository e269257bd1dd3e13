/** Without a network, a query fails at once instead of pausing silently, and is refetched on reconnect. */
export const networkOptions = { networkMode: 'always', refetchOnReconnect: true } as const
