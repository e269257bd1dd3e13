/** Without a network, a query fails immediately instead of pausing silently, and is refetched on reconnect. */
export const networkOptions = { networkMode: 'always', refetchOnReconnect: true } as const
