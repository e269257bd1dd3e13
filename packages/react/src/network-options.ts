/** Without a network a hook says so at once, instead of waiting in silence for it to come back, and asks again when it has. */
export const atOnce = { networkMode: 'always', refetchOnReconnect: true } as const
