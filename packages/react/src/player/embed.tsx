'use client'

import { type ReactNode, useEffect, useState } from 'react'

/** Whether the URL is a page with the provider's own player, as with Bunny Stream. */
export const isEmbed = (url: string): boolean => URL.canParse(url) && new URL(url).hostname === 'iframe.mediadelivery.net'

interface EmbedProps {
  url: string
  title: string
  setPlaying: (isPlaying: boolean) => void
}

/** The provider's player in a frame. It does not report whether it is playing, so it keeps its place while it is shown. */
export const Embed = ({ url, title, setPlaying }: EmbedProps): ReactNode => {
  // Keep the first URL: a new one would restart the film, and the first token is valid for the whole film.
  const [firstUrl] = useState(url)
  useEffect(() => setPlaying(true), [setPlaying])
  return <iframe src={firstUrl} title={title} allow="autoplay; encrypted-media; fullscreen; picture-in-picture" allowFullScreen />
}
