import { useQueryClient } from '@tanstack/react-query'

const scopes = ['admin', 'entity', 'entities']

/** Returns a function that refetches all catalog data, in the back office and in the storefront. */
export const useRefreshCatalog = () => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ predicate: ({ queryKey: [scope] }) => scopes.includes(String(scope)) })
}
