import type { Outputs } from '@pay-to-view/client'
import { useQueries } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { entityPath } from '../paths.ts'

type MemberOf = Outputs['entities']['get']['memberOf']

/** An entity may be in up to 100 containers; only the first few are shown. */
const maxListed = 5

export const containerIdsOf = (memberOf: MemberOf): string[] =>
  memberOf.map((container) => (typeof container === 'string' ? container : container.id))

/** Links to the channels, seasons and bundles that include an entity. Unpublished containers are omitted. */
export const Containers = ({ memberOf }: { memberOf: MemberOf }) => {
  const { client } = useShop()
  const user = useUser()
  const containers = useQueries({
    queries: containerIdsOf(memberOf)
      .slice(0, maxListed)
      .map((id) => ({ queryKey: ['entity', id, user], queryFn: () => client.entities.get.query({ id }) })),
  }).flatMap(({ data }) => (data ? [data] : []))
  if (containers.length === 0) return null
  return (
    <p>
      Included with{' '}
      {containers.map(({ id, title, type }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          {type === 'channel' && 'the channel '}
          <Link href={entityPath(id)}>
            <bdi>{title}</bdi>
          </Link>
        </span>
      ))}
    </p>
  )
}
