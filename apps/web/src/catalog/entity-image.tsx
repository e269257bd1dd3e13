import type { EntityType } from '@pay-to-view/purchase'
import { useState } from 'react'
import { entityTypeName } from '../format.ts'
import { Poster } from './poster.tsx'

interface EntityImageProps {
  entity: { id: string; type: EntityType; title: string; imageUrl: string | null }
}

/**
 * The image of an entity. It is decorative, because the title is always next to it. If there is no image, or it fails to load, a
 * generated poster is shown.
 */
export const EntityImage = ({ entity: { id, type, title, imageUrl } }: EntityImageProps) => {
  const [failedUrl, setFailedUrl] = useState<string | null>(null)
  if (imageUrl === null || imageUrl === failedUrl) return <Poster id={id} title={title} typeName={entityTypeName(type)} />
  return (
    <img
      className="poster"
      src={imageUrl}
      alt=""
      width={300}
      height={400}
      loading="lazy"
      decoding="async"
      // The image's host need not know which page shows the image.
      referrerPolicy="no-referrer"
      onError={() => setFailedUrl(imageUrl)}
    />
  )
}
