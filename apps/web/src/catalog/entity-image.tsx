import type { EntityType } from '@pay-to-view/purchase'
import { useState } from 'react'
import { entityTypeName } from '../format.ts'
import { Poster } from './poster.tsx'

interface EntityImageProps {
  entity: { id: string; type: EntityType; title: string; imageUrl: string | null }
}

/**
 * The entity's image. It is decorative, because the title is always next to it. A generated poster is shown if there is no
 * image or the image fails to load.
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
      // The image host does not need to know which page shows the image.
      referrerPolicy="no-referrer"
      onError={() => setFailedUrl(imageUrl)}
    />
  )
}
