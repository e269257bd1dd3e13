import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useShop, useUser } from '../context.tsx'
import { MediaError } from '../user-message.ts'
import { ErrorNotice, Loading } from './notice.tsx'

/**
 * Plays an entity with a playback token. The demo clip is small, so it is fetched as a whole with the token in a header, which keeps the token
 * out of URLs. An HLS or DASH player would set the same header on each request and get a new token before `expiresAt`.
 */
export const Player = ({ entityId, title, autoPlay = false }: { entityId: string; title: string; autoPlay?: boolean }) => {
  const { client } = useShop()
  const user = useUser()
  const media = useQuery({
    queryKey: ['media', user, entityId],
    queryFn: async ({ signal }) => {
      const { token } = await client.access.playbackToken.mutate({ entityId })
      const response = await fetch(`/media/${entityId}/clip.webm`, { headers: { authorization: `Bearer ${token}` }, signal })
      if (!response.ok) throw new MediaError(`The media server responded with ${response.status}`)
      return response.blob()
    },
    // Never refetched during playback, and not cached after it, because access may end.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const objectUrl = useObjectUrl(media.data)
  if (media.isError) return <ErrorNotice error={media.error} retry={() => void media.refetch()} />
  if (objectUrl === null) return <Loading label="Loading video …" />
  // biome-ignore lint/a11y/useMediaCaption: the demo's films are silent.
  return <video className="player" controls playsInline autoPlay={autoPlay} src={objectUrl} aria-label={title} />
}

const useObjectUrl = (blob: Blob | undefined): string | null => {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (!blob) return
    const created = URL.createObjectURL(blob)
    setUrl(created)
    return () => {
      setUrl(null)
      URL.revokeObjectURL(created)
    }
  }, [blob])
  return url
}
