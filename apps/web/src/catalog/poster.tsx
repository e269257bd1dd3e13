const hash = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)

/** A generated poster: the title over shapes that are derived from the id. */
export const Poster = ({ id, title, typeName }: { id: string; title: string; typeName: string }) => {
  const seed = hash(id)
  const hue = seed % 360
  const [x, y, r] = [60 + (seed % 180), 70 + ((seed >> 4) % 90), 42 + ((seed >> 7) % 34)]
  const beams = [0, 1, 2, 3, 4].map((n) => n * 36 + (seed % 36))
  return (
    <svg className="poster" viewBox="0 0 300 400" aria-hidden="true" preserveAspectRatio="xMidYMid slice">
      <defs>
        <linearGradient id={`sky-${id}`} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={`hsl(${hue} 34% 15%)`} />
          <stop offset="1" stopColor={`hsl(${(hue + 40) % 360} 46% 34%)`} />
        </linearGradient>
      </defs>
      <rect width="300" height="400" fill={`url(#sky-${id})`} />
      <g opacity="0.16" fill={`hsl(${(hue + 60) % 360} 80% 82%)`}>
        {beams.map((angle) => (
          <path key={angle} d="M0 0 L420 -34 L420 34 Z" transform={`translate(${x} ${y}) rotate(${angle})`} />
        ))}
      </g>
      <circle cx={x} cy={y} r={r} fill={`hsl(${(hue + 48) % 360} 72% 80%)`} />
      <path
        d={`M0 400 V300 L40 ${250 + (seed % 30)} L78 300 L120 ${232 + ((seed >> 3) % 40)} L170 306 L216 ${244 + ((seed >> 5) % 36)} L262 300 L300 268 V400 Z`}
        fill={`hsl(${hue} 40% 9%)`}
      />
      <foreignObject x="20" y="270" width="264" height="112">
        <div className="poster-text">
          <span className="poster-type">{typeName}</span>
          <span className="poster-title" dir="auto">
            {title}
          </span>
        </div>
      </foreignObject>
    </svg>
  )
}
